package apiserver

import (
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// stallLimiter is a listener of connections that the kernel ends when the other end takes no byte for a while, be it gone or asleep.
// Otherwise a write on them waits for as long as the other end likes, and the handler with it.
type stallLimiter struct {
	net.Listener
	longest time.Duration
}

// Accept implements net.Listener. A connection that cannot be limited, as one of multipath TCP on some kernels, is accepted as it is.
func (l *stallLimiter) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if file, ok := c.(syscall.Conn); ok {
		if raw, err := file.SyscallConn(); err == nil {
			_ = raw.Control(func(fd uintptr) {
				_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(l.longest.Milliseconds()))
			})
		}
	}
	return c, nil
}
