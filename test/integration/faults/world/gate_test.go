package world

import (
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// gate is a TCP proxy to the API server that can stand still: connections stay open, and no byte passes.
type gate struct {
	mu sync.Mutex
	// open is closed while bytes may pass.
	open chan struct{}
}

// newGate returns an open gate and a kubeconfig of Plimsoll's that leads through it.
func newGate(t *testing.T) (g *gate, kubeconfig string) {
	t.Helper()
	to, err := url.Parse(env.AdminConfig().Host)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	text, err := os.ReadFile(env.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	kubeconfig = filepath.Join(t.TempDir(), "kubeconfig")
	changed := strings.ReplaceAll(string(text), to.Host, listener.Addr().String())
	if err := os.WriteFile(kubeconfig, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	g = &gate{open: make(chan struct{})}
	close(g.open)
	go g.accept(listener, to.Host)
	return g, kubeconfig
}

// shut stops all bytes until pass.
func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = make(chan struct{})
}

// pass lets all bytes through that have come meanwhile.
func (g *gate) pass() {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.open:
	default:
		close(g.open)
	}
}

func (g *gate) wait() {
	g.mu.Lock()
	open := g.open
	g.mu.Unlock()
	<-open
}

// accept forwards each connection until the listener is closed.
func (g *gate) accept(listener net.Listener, to string) {
	for {
		from, err := listener.Accept()
		if err != nil {
			return
		}
		onward, err := net.Dial("tcp", to)
		if err != nil {
			from.Close()
			continue
		}
		for _, ends := range [][2]net.Conn{{from, onward}, {onward, from}} {
			go func() {
				defer ends[0].Close()
				_, _ = io.Copy(gated{ends[0], g}, ends[1]) // It ends with either connection.
			}()
		}
	}
}

// gated is a writer that waits for the gate.
type gated struct {
	to   io.Writer
	gate *gate
}

// Write implements io.Writer.
func (w gated) Write(p []byte) (int, error) {
	w.gate.wait()
	return w.to.Write(p)
}
