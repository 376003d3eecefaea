package fleet

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Fleet is a number of simulated kubelets. It is safe for concurrent use.
type Fleet struct {
	options Options
	nodes   []*node
	byName  map[string]*node
	tls     *tls.Config
	// secure and readOnly hold one listener a node.
	secure, readOnly []net.Listener
	pages            pages
	// history is nil where none is kept.
	history *history

	// mu guards pods and loads, and is held while pods change: before any node's mu.
	mu sync.Mutex
	// pods are where the newest pod of a name runs.
	pods  map[podKey]placed
	loads map[string]*load
}

// placed is a pod and the node that runs it.
type placed struct {
	node *node
	pod  *pod
}

// New makes a fleet and takes its ports. They are served from Start on; a fleet that is never started has to be closed.
func New(options Options) (*Fleet, error) {
	options, err := options.complete()
	if err != nil {
		return nil, fmt.Errorf("options of the fleet: %w", err)
	}
	f := &Fleet{
		options: options, byName: make(map[string]*node, options.Nodes),
		history: newHistory(options.History), pods: map[podKey]placed{}, loads: map[string]*load{},
	}
	rate, _ := nanocores(options.BaseCPU)
	boot := f.now()
	for i := range options.Nodes {
		n := newNode(NodeName(options.NodePrefix, i), f.Address(i), boot, options.Readings, level{rate: rate, memory: options.BaseMemory})
		f.nodes = append(f.nodes, n)
		f.byName[n.name] = n
	}
	f.tls = f.tlsConfig()
	if err := f.listen(); err != nil {
		return nil, err
	}
	return f, nil
}

// Start serves, and follows the pods of the cluster where the options name one, until ctx is done. It closes the fleet.
func (f *Fleet) Start(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	server := &http.Server{
		Handler:           f,
		IdleTimeout:       90 * time.Second,
		ReadHeaderTimeout: 30 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          quiet(),
	}
	for _, l := range f.listeners() {
		g.Go(func() error {
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("serving the simulated kubelet at %s: %w", l.Addr(), err)
			}
			return nil
		})
	}
	if f.options.Client != nil {
		g.Go(func() error { return f.watchPods(ctx) })
	}
	g.Go(func() error {
		<-ctx.Done()
		return errors.Join(server.Close(), f.Close())
	})
	return g.Wait()
}

// Nodes returns the names of the nodes, in the order of their addresses.
func (f *Fleet) Nodes() []string {
	names := make([]string, len(f.nodes))
	for i, n := range f.nodes {
		names[i] = n.name
	}
	return names
}

// SetReadings changes when one node reads its cgroups.
func (f *Fleet) SetReadings(node string, readings Readings) error {
	n, err := f.node(node)
	if err != nil {
		return err
	}
	n.setReadings(readings)
	return nil
}

func (f *Fleet) node(name string) (*node, error) {
	if n, ok := f.byName[name]; ok {
		return n, nil
	}
	return nil, fmt.Errorf("the fleet has no node %q", name)
}

// now is the time in Unix nanoseconds.
func (f *Fleet) now() int64 { return f.options.Clock.Now().UnixNano() }
