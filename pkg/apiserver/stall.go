package apiserver

import (
	"math"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// leastStall is what a connection is allowed at least: a client who takes a little now and then may look to the kernel as if it took nothing.
const leastStall = 30 * time.Second

// stallLimiter is a listener of connections that the kernel ends when it cannot get rid of what is to be sent for a while, as the other end
// is gone or asleep. Otherwise a write on them waits for as long as the other end likes, and the handler with it.
type stallLimiter struct {
	net.Listener
	longest time.Duration
}

// limitStalls allows connections as long as their requests have, within what the kernel can count.
func limitStalls(l net.Listener, requestTimeout time.Duration) *stallLimiter {
	return &stallLimiter{l, min(max(requestTimeout+grace, leastStall), math.MaxInt32*time.Millisecond)}
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
