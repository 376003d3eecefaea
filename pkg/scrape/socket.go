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
	raw   syscall.RawConn
	quiet bool
}

// quieten returns the connection as it is where it is no socket, as that of some dialers.
func quieten(c net.Conn) net.Conn {
	s, ok := c.(syscall.Conn)
	if !ok {
		return c
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return c
	}
	return &socket{Conn: c, raw: raw}
}

// calm makes it quiet until a Read has to wait. Where that fails it only costs more.
func (s *socket) calm() {
	if !s.quiet {
		_ = s.raw.Control(func(fd uintptr) { s.quiet = wakeAt(fd, enough) == nil })
	}
}

// Read implements net.Conn.
func (s *socket) Read(p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	failed := s.raw.Read(func(fd uintptr) (done bool) {
		n, err = readNow(fd, p)
		if !errors.Is(err, syscall.EAGAIN) {
			return true
		}
		if s.quiet {
			err, s.quiet = wakeAt(fd, 1), false
			return err != nil
		}
		return false
	})
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
