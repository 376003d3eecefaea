package apiserver

import (
	"container/list"
	"net"
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
	// writeTimeout is how long one write may wait for the client.
	writeTimeout time.Duration
	metrics      *Metrics

	mu sync.Mutex
	// byAddress are the connections on which no client has been authenticated, by remote address and port. Each value is a *limitedConnection.
	byAddress map[string]*list.Element
	// byHost are the same connections by remote address without the port, the oldest first. No list is empty.
	byHost map[string]*list.List
}

func newConnectionLimiter(l *tcpTimeoutListener, m *Metrics) *connectionLimiter {
	return &connectionLimiter{
		Listener: l, max: maxUnauthenticated, writeTimeout: l.timeout, metrics: m,
		byAddress: map[string]*list.Element{}, byHost: map[string]*list.List{},
	}
}

// Accept implements net.Listener.
func (l *connectionLimiter) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
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
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove(l.byAddress[c.address]) // The kernel ended that connection, which the server has not noticed yet.
	if l.byHost[c.host] == nil {
		l.byHost[c.host] = list.New()
	}
	l.byAddress[c.address] = l.byHost[c.host].PushBack(c)
	if len(l.byAddress) <= l.max {
		return nil
	}
	oldest := l.largestHost().Front()
	l.remove(oldest)
	return oldest.Value.(*limitedConnection)
}

// largestHost returns the connections of the host that has most of them.
func (l *connectionLimiter) largestHost() (largest *list.List) {
	for _, connections := range l.byHost {
		if largest == nil || connections.Len() > largest.Len() {
			largest = connections
		}
	}
	return largest
}

// forget ends the limit for a connection on which a client has been authenticated.
func (l *connectionLimiter) forget(address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove(l.byAddress[address])
}

// forgetConnection ends the limit for a connection that is closed. A later connection may have the same address.
func (l *connectionLimiter) forgetConnection(c *limitedConnection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if element := l.byAddress[c.address]; element != nil && element.Value == c {
		l.remove(element)
	}
}

// remove forgets the connection of an element, which is that of its address; nil is none.
func (l *connectionLimiter) remove(element *list.Element) {
	if element == nil {
		return
	}
	c := element.Value.(*limitedConnection)
	delete(l.byAddress, c.address)
	if l.byHost[c.host].Remove(element); l.byHost[c.host].Len() == 0 {
		delete(l.byHost, c.host)
	}
}
