package apiserver

import (
	"container/list"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// unauthenticatedConnections is how many connections may be open on which no client has been authenticated yet. Probes need a few of them for
// milliseconds, and each client one when it starts. On each the headers of a request may be incomplete, of which the library takes 1 MiB, a bound that
// only the library can set.
const unauthenticatedConnections = 100

// connectionLimiter is a listener that closes a connection where too many are open whose clients are not known. It closes the oldest of the
// address that has most of them, so other addresses are not affected. It is safe for concurrent use.
type connectionLimiter struct {
	net.Listener
	// most is how many connections may be open whose clients are not known.
	most int
	// stall is how long one write may wait for the client.
	stall   time.Duration
	metrics *Metrics

	mu sync.Mutex
	// unknown are the connections whose clients are not known, by remote address and port.
	unknown map[string]*list.Element
	// hosts are the same connections by remote address, the oldest first. No list is empty.
	hosts map[string]*list.List
}

func limitConnections(l *stallLimiter, m *Metrics) *connectionLimiter {
	return &connectionLimiter{
		Listener: l, most: unauthenticatedConnections, stall: l.longest, metrics: m,
		unknown: map[string]*list.Element{}, hosts: map[string]*list.List{},
	}
}

// limitedConnection is a connection that its limiter forgets when it is closed, and on which no write waits for long.
type limitedConnection struct {
	net.Conn
	limiter *connectionLimiter
	// address and host are the remote ones, with and without the port.
	address, host string

	mu sync.Mutex
	// deadline is the one that the server set for writes; zero where there is none.
	deadline time.Time
}

// Write implements net.Conn. The server writes no more than 16 KiB at once. A client that takes a byte now and then would keep the write, and
// with it the connection, for as long as it likes.
func (c *limitedConnection) Write(p []byte) (int, error) {
	c.mu.Lock()
	end := time.Now().Add(c.limiter.stall)
	if !c.deadline.IsZero() && c.deadline.Before(end) {
		end = c.deadline
	}
	err := c.Conn.SetWriteDeadline(end)
	c.mu.Unlock()
	if err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
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
	c.limiter.mu.Lock()
	if element := c.limiter.unknown[c.address]; element != nil && element.Value == c { // A later connection may have the same address.
		c.limiter.remove(element)
	}
	c.limiter.mu.Unlock()
	return c.Conn.Close()
}

// Accept implements net.Listener.
func (l *connectionLimiter) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &limitedConnection{Conn: accepted, limiter: l, address: accepted.RemoteAddr().String()}
	if c.host, _, err = net.SplitHostPort(c.address); err != nil {
		c.host = c.address
	}
	if surplus := l.add(c); surplus != nil {
		l.metrics.refused(closedConnection)
		_ = surplus.Conn.Close() // The server notices, and closes it itself.
	}
	return c, nil
}

// add returns the connection that has to be closed for c; nil where there is none.
func (l *connectionLimiter) add(c *limitedConnection) *limitedConnection {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove(l.unknown[c.address]) // The kernel ended that connection, which the server has not noticed yet.
	if l.hosts[c.host] == nil {
		l.hosts[c.host] = list.New()
	}
	l.unknown[c.address] = l.hosts[c.host].PushBack(c)
	if len(l.unknown) <= l.most {
		return nil
	}
	var largest *list.List
	for _, connections := range l.hosts {
		if largest == nil || connections.Len() > largest.Len() {
			largest = connections
		}
	}
	oldest := largest.Front()
	l.remove(oldest)
	return oldest.Value.(*limitedConnection)
}

// forget ends the limit for a connection whose client is known.
func (l *connectionLimiter) forget(address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove(l.unknown[address])
}

// remove forgets the connection of an element, which is that of its address; nil is none.
func (l *connectionLimiter) remove(element *list.Element) {
	if element == nil {
		return
	}
	c := element.Value.(*limitedConnection)
	delete(l.unknown, c.address)
	if l.hosts[c.host].Remove(element); l.hosts[c.host].Len() == 0 {
		delete(l.hosts, c.host)
	}
}

// withKnownConnection is reached by authenticated requests. It ends what withReviewLimit began, and the limit of the connection unless the
// client is anonymous.
func (b *chain) withKnownConnection(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if u, ok := w.(*undecidedWriter); ok {
			u.end()
			w = u.ResponseWriter
		}
		if b.connections != nil && !isAnonymous(userOf(r)) {
			b.connections.forget(r.RemoteAddr)
		}
		h.ServeHTTP(w, r)
	})
}
