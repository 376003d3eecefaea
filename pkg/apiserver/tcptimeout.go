package apiserver

import (
	"math"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// minStall is the least for which a connection may make no progress: the kernel may not distinguish a client that reads little from one that reads nothing.
const minStall = 30 * time.Second

// tcpTimeoutListener is a listener of connections that the kernel ends where what was sent is not acknowledged for a while (TCP_USER_TIMEOUT). The
// threat: the other end is gone, or keeps its window closed, and a write on the connection and its handler wait for as long as that lasts.
type tcpTimeoutListener struct {
	net.Listener
	timeout time.Duration
}

// withTCPTimeout allows a connection to stall for as long as its requests may take, within what the kernel can count.
func withTCPTimeout(l net.Listener, requestTimeout time.Duration) *tcpTimeoutListener {
	return &tcpTimeoutListener{l, min(max(requestTimeout+grace, minStall), math.MaxInt32*time.Millisecond)}
}

// Accept implements net.Listener. A connection whose timeout cannot be set, as one of multipath TCP on some kernels, is accepted as it is.
func (l *tcpTimeoutListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if file, ok := c.(syscall.Conn); ok {
		setTCPTimeout(file, l.timeout)
	}
	return c, nil
}

func setTCPTimeout(c syscall.Conn, timeout time.Duration) {
	raw, err := c.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(timeout.Milliseconds()))
	})
}
