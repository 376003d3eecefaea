package apiserver

import (
	"net"
	"slices"
	"sync"
	"time"
)

// maxUnauthenticated is how many connections may be open on which no client has been authenticated yet. Probes need a few of them for milliseconds,
// and each client one when it starts.
const maxUnauthenticated = 100

// connectionLimiter is a listener that closes a connection where too many are open on which no client has been authenticated. It closes the oldest of
// the host that has most of them, so other hosts are not affected. The threat: on each connection the headers of a request may be incomplete,
// of which the library takes 1 MiB, a bound that only the library can set. It is safe for concurrent use.
type connectionLimiter struct {
	net.Listener
	// max is how many connections may be open on which no client has been authenticated.
	max int
	// stall is how long a client may take nothing of what is written.
	stall   time.Duration
	metrics *Metrics

	mu sync.Mutex
	// open are the connections on which no client has been authenticated, the oldest first. They are at most max.
	open []*limitedConnection
}

// newConnectionLimiter allows a connection to stall for as long as a request may take.
func newConnectionLimiter(l net.Listener, requestTimeout time.Duration, m *Metrics) *connectionLimiter {
	return &connectionLimiter{Listener: l, max: maxUnauthenticated, stall: stallTimeout(requestTimeout), metrics: m}
}

// Accept implements net.Listener.
func (l *connectionLimiter) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	setTCPTimeout(accepted, l.stall)
	address := accepted.RemoteAddr().String()
	c := &limitedConnection{Conn: accepted, limiter: l, address: address, host: hostOf(address)}
	if surplus := l.add(c); surplus != nil {
		l.metrics.refused(closedConnection)
		_ = surplus.Conn.Close() // The server notices, and closes it itself.
	}
	return c, nil
}

// add returns the connection that has to be closed for c; nil where there is none.
func (l *connectionLimiter) add(c *limitedConnection) *limitedConnection {
	l.forget(c.address) // The kernel ended that connection, which the server has not noticed yet.
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = append(l.open, c)
	if len(l.open) <= l.max {
		return nil
	}
	at := l.oldestOfLargestHost()
	surplus := l.open[at]
	l.open = slices.Delete(l.open, at, at+1)
	return surplus
}

// oldestOfLargestHost is the index of the oldest connection of the host that has most of them. The caller holds mu.
func (l *connectionLimiter) oldestOfLargestHost() int {
	counts, largest := map[string]int{}, ""
	for _, c := range l.open {
		if counts[c.host]++; counts[c.host] > counts[largest] {
			largest = c.host
		}
	}
	return slices.IndexFunc(l.open, func(c *limitedConnection) bool { return c.host == largest })
}

// forget ends the limit for a connection on which a client has been authenticated.
func (l *connectionLimiter) forget(address string) {
	l.remove(func(c *limitedConnection) bool { return c.address == address })
}

// forgetConnection ends the limit for a connection that is closed. A later connection may have the same address.
func (l *connectionLimiter) forgetConnection(closed *limitedConnection) {
	l.remove(func(c *limitedConnection) bool { return c == closed })
}

func (l *connectionLimiter) remove(is func(*limitedConnection) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = slices.DeleteFunc(l.open, is)
}
