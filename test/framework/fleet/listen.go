package fleet

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"strconv"
)

// attempts is how many free ports are tried before listen gives up: a port that is free at one address may be taken at another.
const attempts = 10

// listener accepts the connections to one node. Each node has one of its own, so that nothing is open beyond loopback.
type listener struct {
	net.Listener
	fleet *Fleet
	node  *node
	// tls is nil for the read-only port.
	tls *tls.Config
}

// Accept returns the next connection; a node that drops connections closes it at once.
func (l *listener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err // As it is: the HTTP server distinguishes a passing failure from its own end by its type.
		}
		if l.node.drops() {
			conn.Close()
			continue
		}
		if l.tls != nil {
			return l.secure(conn), nil
		}
		return conn, nil
	}
}

// secure makes a TLS connection of one that was accepted.
func (l *listener) secure(conn net.Conn) *tls.Conn {
	if active := l.node.fault.Load(); active != nil && active.secure != nil {
		return active.secure(l.fleet, conn, l.tls.Clone())
	}
	return tls.Server(conn, l.tls)
}

// Port returns the port at which every node serves HTTPS.
func (f *Fleet) Port() int { return port(f.secure) }

// ReadOnlyPort returns the port at which every node serves plain HTTP; 0 where the options have none.
func (f *Fleet) ReadOnlyPort() int { return port(f.readOnly) }

func port(listeners []net.Listener) int {
	if len(listeners) == 0 {
		return 0
	}
	addr, _ := listeners[0].Addr().(*net.TCPAddr)
	return addr.Port
}

// Close gives the ports of a fleet back that is never started.
func (f *Fleet) Close() error {
	return closeAll(f.listeners())
}

func (f *Fleet) listeners() []net.Listener { return slices.Concat(f.secure, f.readOnly) }

func (f *Fleet) listen() (err error) {
	if f.secure, err = f.listenAt(f.options.Port, f.tls); err != nil || !f.options.ReadOnly {
		return err
	}
	if f.readOnly, err = f.listenAt(f.options.ReadOnlyPort, nil); err != nil {
		return errors.Join(err, closeAll(f.secure))
	}
	return nil
}

// listenAt takes one port at every node's address; a free one for port 0.
func (f *Fleet) listenAt(port int, config *tls.Config) ([]net.Listener, error) {
	var failures []error
	for range attempts {
		listeners, err := f.tryListen(port, config)
		if err == nil {
			return listeners, nil
		}
		failures = append(failures, err)
		if port != 0 {
			break
		}
	}
	return nil, errors.Join(failures...)
}

func (f *Fleet) tryListen(port int, config *tls.Config) ([]net.Listener, error) {
	var listeners []net.Listener
	for _, n := range f.nodes {
		l, err := net.Listen("tcp4", net.JoinHostPort(n.ip.String(), strconv.Itoa(port)))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("listening for simulated kubelet %s: %w", n.name, err), closeAll(listeners))
		}
		listeners = append(listeners, &listener{l, f, n, config})
		port = l.Addr().(*net.TCPAddr).Port
	}
	return listeners, nil
}

func closeAll(listeners []net.Listener) error {
	var errs []error
	for _, l := range listeners {
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, fmt.Errorf("closing %s: %w", l.Addr(), err))
		}
	}
	return errors.Join(errs...)
}

// quiet discards the messages of net/http about broken connections, which faults cause on purpose.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
