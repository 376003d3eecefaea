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

// stallTimeout is as long as a request may take, within what the kernel can count.
func stallTimeout(requestTimeout time.Duration) time.Duration {
	return min(max(requestTimeout+grace, minStall), math.MaxInt32*time.Millisecond)
}

// setTCPTimeout has the kernel end a connection on which what was sent is not acknowledged for a while (TCP_USER_TIMEOUT). The threat: the other end is
// gone, or keeps its window closed, and a write on the connection and its handler wait for as long as that lasts. A connection whose timeout
// cannot be set, as one of multipath TCP on some kernels, stays as it is.
func setTCPTimeout(c net.Conn, timeout time.Duration) {
	file, ok := c.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := file.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(timeout.Milliseconds()))
	})
}
