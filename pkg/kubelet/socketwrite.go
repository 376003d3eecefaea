package kubelet

import (
	"errors"
	"net"
	"os"
	"syscall"
)

// Write implements net.Conn. Only a Write that has to wait blocks: to a kubelet that does not read what it is sent.
func (s *socket) Write(p []byte) (n int, err error) {
	if s.raw == nil {
		err = s.blocking.during(func() (err error) {
			n, err = s.Conn.Write(p)
			return err
		})
		return n, err
	}
	defer s.blocking.set(false)
	failed := s.raw.Write(func(fd uintptr) (done bool) {
		var written int
		written, err = writeNow(fd, p[n:])
		n += written
		s.blocking.set(errors.Is(err, syscall.EAGAIN))
		return !errors.Is(err, syscall.EAGAIN)
	})
	switch {
	case failed != nil:
		return n, failed
	case err != nil:
		return n, &net.OpError{Op: "write", Net: "tcp", Source: s.LocalAddr(), Addr: s.RemoteAddr(), Err: os.NewSyscallError("write", err)}
	}
	return n, nil
}

// writeNow writes as much as it can without waiting, which may be a part. It returns syscall.EAGAIN where something is left.
func writeNow(fd uintptr, p []byte) (n int, err error) {
	for n < len(p) {
		written, err := syscall.Write(int(fd), p[n:])
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return n, err
		}
		n += max(written, 0)
	}
	return n, nil
}
