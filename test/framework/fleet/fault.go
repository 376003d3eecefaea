package fleet

import (
	"crypto/tls"
	"net"
)

// Fault is a way in which a kubelet misbehaves. The zero value is none.
type Fault struct {
	// name describes the fault, for logs and tests.
	name string
	// path limits the fault to one endpoint; empty for all of them.
	path string
	// drop closes connections; serve handles a request. One of them is set.
	drop  bool
	serve func(x *exchange)
	// secure makes a TLS connection of one that was accepted while a node has the fault; nil does that as a healthy kubelet does. The configuration
	// is the fault's own.
	secure func(f *Fleet, conn net.Conn, config *tls.Config) *tls.Conn
}

// activeFault is a fault that a node has at present. It is immutable.
type activeFault struct {
	Fault
	// released is closed when the fault ends.
	released chan struct{}
}

// On returns the fault limited to one endpoint: PathResource, PathSummary or PathHealth.
func (f Fault) On(path string) Fault {
	f.path = path
	return f
}

// String returns the description of the fault.
func (f Fault) String() string {
	if f.name == "" {
		return "none"
	}
	if f.path != "" {
		return f.name + " on " + f.path
	}
	return f.name
}

func (f Fault) concerns(path string) bool { return f.path == "" || f.path == path }

// SetFault makes a node misbehave from now on. It ends the fault that the node had, and releases the requests that hang
// in it; the zero Fault makes the node healthy.
func (f *Fleet) SetFault(node string, fault Fault) error {
	n, err := f.node(node)
	if err != nil {
		return err
	}
	var next *activeFault
	if fault.serve != nil {
		next = &activeFault{fault, make(chan struct{})}
	}
	if previous := n.fault.Swap(next); previous != nil {
		close(previous.released)
	}
	return nil
}

// ClearFault makes a node healthy again.
func (f *Fleet) ClearFault(node string) error { return f.SetFault(node, Fault{}) }

// drops reports whether new connections are closed before a byte is sent.
func (n *node) drops() bool {
	active := n.fault.Load()
	return active != nil && active.drop && active.path == ""
}
