package apiserver

import (
	"net"
	"slices"
	"sync"
	"time"
)

const (
	// maxUnauthenticated is how many connections may be open on which no client has been authenticated yet. Probes need a few of them for milliseconds,
	// and each client one when it starts.
	maxUnauthenticated = 100
	// maxAuthenticated is how many others may be open. An API server, which most clients go through, has a few.
	maxAuthenticated = 200
)

// connectionLimiter is a listener that closes a connection where too many are open. It closes the oldest of the host that has most of them, so other
// hosts are not affected, and connections on which a client has been authenticated are apart from the others. The threat: on each connection the
// headers of a request may be incomplete, of which the library takes 1 MiB, a bound that only the library can set; and every pod has a token with
// which it is authenticated. It is safe for concurrent use.
type connectionLimiter struct {
	net.Listener
	// max is how many connections may be open on which no client has been authenticated, and maxKnown how many on which one has.
	max, maxKnown int
	// stall is how long a client may take nothing of what is written.
	stall   time.Duration
	metrics *Metrics

	mu sync.Mutex
	// open are the connections on which no client has been authenticated, and known those on which one has, the oldest first. They are at most max
	// and maxKnown.
	open, known []*limitedConnection
}

// newConnectionLimiter allows a connection to stall for as long as a request may take.
func newConnectionLimiter(l net.Listener, requestTimeout time.Duration, m *Metrics) *connectionLimiter {
	return &connectionLimiter{Listener: l, max: maxUnauthenticated, maxKnown: maxAuthenticated, stall: stallTimeout(requestTimeout), metrics: m}
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
	l.close(l.add(c), closedConnection)
	return c, nil
}

// close closes a connection that is too many; none where it is nil.
func (l *connectionLimiter) close(surplus *limitedConnection, reason string) {
	if surplus != nil {
		l.metrics.refused(reason)
		_ = surplus.Conn.Close() // The server notices, and closes it itself.
	}
}

// add returns the connection that has to be closed for c; nil where there is none.
func (l *connectionLimiter) add(c *limitedConnection) *limitedConnection {
	l.mu.Lock()
	defer l.mu.Unlock()
	// The kernel ended a connection from the same address, which the server has not noticed yet.
	isEnded := func(other *limitedConnection) bool { return other.address == c.address }
	l.open, l.known = slices.DeleteFunc(l.open, isEnded), slices.DeleteFunc(l.known, isEnded)
	return addBounded(&l.open, c, l.max)
}

// identify has the limit of authenticated clients hold for a connection on which one has been authenticated, and closes one that is too many then.
func (l *connectionLimiter) identify(address string) {
	l.close(l.move(address), closedIdentified)
}

func (l *connectionLimiter) move(address string) (surplus *limitedConnection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := slices.IndexFunc(l.open, func(c *limitedConnection) bool { return c.address == address })
	if at < 0 {
		return nil // It was moved at its first request.
	}
	c := l.open[at]
	l.open = slices.Delete(l.open, at, at+1)
	return addBounded(&l.known, c, l.maxKnown)
}

// forgetConnection ends the limit for a connection that is closed. A later connection may have the same address.
func (l *connectionLimiter) forgetConnection(closed *limitedConnection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	isClosed := func(c *limitedConnection) bool { return c == closed }
	l.open, l.known = slices.DeleteFunc(l.open, isClosed), slices.DeleteFunc(l.known, isClosed)
}

// addBounded appends a connection, and removes and returns the oldest of the host that has most where there are more than limit.
func addBounded(to *[]*limitedConnection, c *limitedConnection, limit int) (surplus *limitedConnection) {
	*to = append(*to, c)
	if len(*to) <= limit {
		return nil
	}
	at := oldestOfLargestHost(*to)
	surplus = (*to)[at]
	*to = slices.Delete(*to, at, at+1)
	return surplus
}

// oldestOfLargestHost is the index of the oldest connection of the host that has most of them.
func oldestOfLargestHost(all []*limitedConnection) int {
	counts, largest := map[string]int{}, ""
	for _, c := range all {
		if counts[c.host]++; counts[c.host] > counts[largest] {
			largest = c.host
		}
	}
	return slices.IndexFunc(all, func(c *limitedConnection) bool { return c.host == largest })
}
