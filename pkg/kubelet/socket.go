package kubelet

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// wakeSize is how many bytes, come together, wake this process although no Read waits for them: more than most responses have. The kernel
// buffers as many.
const wakeSize = 64 << 10

const (
	// minAllowed is how many bytes of a response, or of a handshake, may come over the network whatever they are: the header, and what HTTP and TLS add.
	// They are those of the largest header, twice.
	minAllowed = 2 * maxHeader
	// allowedPerByte is how many more may come for each byte of the body. A kubelet's response takes 2 % more than its body; one in chunks and TLS
	// records of 40 bytes takes twice as much. Each record and each chunk costs time, whatever its size.
	allowedPerByte = 2
	// checkTime is how long a check waits for bytes on a connection without a file descriptor.
	checkTime = time.Millisecond
)

// socket is a TCP connection. It reports when a Read or a Write blocks, and it can be quiet: then what comes gathers in the kernel until a Read waits for it. The
// Go runtime has a thread wake up for every packet, whether or not a Read waits.
type socket struct {
	net.Conn
	// raw is nil where the connection has no file descriptor, as in some dialers: such a connection is never quiet.
	raw      syscall.RawConn
	isQuiet  bool
	blocking *blocking
	// allowed is how many bytes may still be read before the next byte of a body: see ErrFraming.
	allowed int64
}

// dial connects to an address within a part, from 0 to 1, of the remaining time.
func (c *Conn) dial(ctx context.Context, part float64, address string) (s *socket, err error) {
	ctx, cancel := withShare(ctx, part)
	defer cancel()
	err = c.blocking.during(func() error {
		conn, err := c.client.dial(ctx, "tcp", address)
		if err == nil {
			s = newSocket(conn, &c.blocking)
		}
		return err
	})
	return s, err
}

func newSocket(c net.Conn, b *blocking) *socket {
	s := &socket{Conn: c, blocking: b, allowed: minAllowed}
	if file, ok := c.(syscall.Conn); ok {
		if raw, err := file.SyscallConn(); err == nil {
			s.raw = raw
		}
	}
	return s
}

// quiet makes the socket quiet until a Read waits. Where that fails, it only costs more.
func (s *socket) quiet() {
	if !s.isQuiet && s.raw != nil {
		_ = s.raw.Control(func(fd uintptr) { s.isQuiet = setWakeSize(fd, wakeSize) == nil })
	}
}

// Read implements net.Conn.
func (s *socket) Read(p []byte) (n int, err error) {
	switch {
	case s.allowed <= 0:
		return 0, ErrFraming
	case s.raw != nil && len(p) > 0:
		n, err = s.readRaw(p)
	default:
		err = s.blocking.during(func() (err error) {
			n, err = s.Conn.Read(p)
			return err
		})
	}
	s.allowed -= int64(n)
	return n, err
}

// readRaw is Read where there is a file descriptor. Only a Read that has to wait blocks.
func (s *socket) readRaw(p []byte) (n int, err error) {
	defer s.blocking.set(false)
	failed := s.raw.Read(func(fd uintptr) (done bool) {
		if n, err = s.tryRead(fd, p); !errors.Is(err, syscall.EAGAIN) {
			return true
		}
		s.blocking.set(true)
		return false
	})
	return s.readResult(n, failed, err)
}

// readWithoutWaiting reads what has come; where that is nothing, it returns syscall.EAGAIN, which costs no memory in each scrape.
func (s *socket) readWithoutWaiting(p []byte) (n int, err error) {
	if s.raw == nil {
		return s.readUntil(time.Now().Add(checkTime), p)
	}
	failed := s.raw.Control(func(fd uintptr) { n, err = readNow(fd, p) })
	if errors.Is(err, syscall.EAGAIN) {
		return 0, syscall.EAGAIN
	}
	return s.readResult(n, failed, err)
}

// readUntil is readWithoutWaiting where there is no file descriptor: it waits until then.
func (s *socket) readUntil(deadline time.Time, p []byte) (int, error) {
	if err := s.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	n, err := s.Conn.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = syscall.EAGAIN
	}
	if failed := s.SetReadDeadline(time.Time{}); failed != nil {
		return n, failed
	}
	return n, err
}

// readResult is the result of a read system call as net.Conn has it. The connection may have failed before the call.
func (s *socket) readResult(n int, failed, err error) (int, error) {
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

// tryRead reads without waiting. Before it returns syscall.EAGAIN it ends the quiet.
func (s *socket) tryRead(fd uintptr, p []byte) (int, error) {
	n, err := readNow(fd, p)
	if !errors.Is(err, syscall.EAGAIN) || !s.isQuiet {
		return n, err
	}
	if err := setWakeSize(fd, 1); err != nil {
		return 0, err
	}
	s.isQuiet = false
	return readNow(fd, p) // Not every kernel reports now what came a moment ago.
}

func readNow(fd uintptr, p []byte) (int, error) {
	for {
		n, err := syscall.Read(int(fd), p)
		if !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}

func setWakeSize(fd uintptr, bytes int) error {
	return syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVLOWAT, bytes)
}
