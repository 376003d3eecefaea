package scrape

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// enough is how many bytes, come together, wake this process although nobody waits for them: more than most answers have. The kernel takes
// as many in.
const enough = 64 << 10

// socket is a TCP connection that is quiet while nobody waits for it: what comes gathers in the kernel. The Go library has a thread wake up
// for every packet, whether or not somebody wants to read it.
type socket struct {
	net.Conn
	// raw is nil where there is only a connection, as that of some dialers: it is never quiet.
	raw   syscall.RawConn
	quiet bool
	// holdUp, where it is not nil, is told when a Read begins to wait, and when it ceases to.
	holdUp func(bool)
}

func newSocket(c net.Conn, holdUp func(bool)) *socket {
	s := &socket{Conn: c, holdUp: holdUp}
	if file, ok := c.(syscall.Conn); ok {
		if raw, err := file.SyscallConn(); err == nil {
			s.raw = raw
		}
	}
	return s
}

// calm makes it quiet until a Read has to wait. Where that fails it only costs more.
func (s *socket) calm() {
	if !s.quiet && s.raw != nil {
		_ = s.raw.Control(func(fd uintptr) { s.quiet = wakeAt(fd, enough) == nil })
	}
}

// Read implements net.Conn.
func (s *socket) Read(p []byte) (n int, err error) {
	if s.raw != nil && len(p) > 0 {
		return s.read(p)
	}
	err = held(s.holdUp, func() (err error) {
		n, err = s.Conn.Read(p)
		return err
	})
	return n, err
}

func (s *socket) read(p []byte) (n int, err error) {
	waits := false
	failed := s.raw.Read(func(fd uintptr) (done bool) {
		n, err = readNow(fd, p)
		if !errors.Is(err, syscall.EAGAIN) {
			return true
		}
		if s.quiet {
			if err = wakeAt(fd, 1); err != nil {
				return true
			}
			s.quiet = false
			// Not every kernel tells now of what came a moment ago.
			if n, err = readNow(fd, p); !errors.Is(err, syscall.EAGAIN) {
				return true
			}
		}
		if !waits && s.holdUp != nil {
			s.holdUp(true)
			waits = true
		}
		return false
	})
	if waits {
		s.holdUp(false)
	}
	switch {
	case failed != nil:
		return 0, failed
	case err != nil:
		return 0, &net.OpError{Op: "read", Net: "tcp", Source: s.LocalAddr(), Addr: s.RemoteAddr(), Err: os.NewSyscallError("read", err)}
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

func readNow(fd uintptr, p []byte) (int, error) {
	for {
		n, err := syscall.Read(int(fd), p)
		if !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}

func wakeAt(fd uintptr, bytes int) error {
	return syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVLOWAT, bytes)
}
