package apiserver

import (
	"errors"
	"net"
	"sync"
	"time"
)

// limitedConnection is a connection on which no write waits longer than the limiter's stall. The threat: a client that takes a byte now and then
// keeps a write, and with it the connection, for as long as it likes. Its limiter forgets it when it is closed.
type limitedConnection struct {
	net.Conn
	limiter *connectionLimiter
	// address and host are the remote ones, with and without the port.
	address, host string

	mu sync.Mutex
	// deadline is the one that the server set for writes; zero where there is none.
	deadline time.Time
}

// Write implements net.Conn. The server writes no more than 16 KiB at once.
func (c *limitedConnection) Write(p []byte) (int, error) {
	if err := c.startWrite(); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// startWrite sets the deadline of one write.
func (c *limitedConnection) startWrite() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	end := time.Now().Add(c.limiter.stall)
	if !c.deadline.IsZero() && c.deadline.Before(end) {
		end = c.deadline
	}
	return c.Conn.SetWriteDeadline(end)
}

// SetWriteDeadline implements net.Conn. It also ends a write that is waiting.
func (c *limitedConnection) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	return c.Conn.SetWriteDeadline(t)
}

// SetDeadline implements net.Conn.
func (c *limitedConnection) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// Close implements net.Conn.
func (c *limitedConnection) Close() error {
	c.limiter.forgetConnection(c)
	return c.Conn.Close()
}
