//go:build linux

package realnode

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// forward stands in for kube-proxy, for the one Service that pods need: it listens on the API server's cluster address and
// passes connections on to where the API server is.
type forward struct {
	listener net.Listener
	target   string
	// clusterIP is on the loopback device as long as the forward runs.
	clusterIP string

	running sync.WaitGroup
	mu      sync.Mutex
	open    map[net.Conn]bool
	closed  bool
}

func (n *Node) startForward(ctx context.Context) error {
	service, err := n.client.CoreV1().Services(metav1.NamespaceDefault).Get(ctx, "kubernetes", metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("find the API server's cluster address: %w", err)
	}
	target, err := url.Parse(n.options.Plane.AdminConfig().Host)
	if err != nil {
		return fmt.Errorf("read the API server's address: %w", err)
	}
	f := &forward{target: target.Host, clusterIP: service.Spec.ClusterIP, open: map[net.Conn]bool{}}
	if err := ip("address", "add", f.clusterIP+"/32", "dev", "lo"); err != nil {
		return err
	}
	n.forward = f
	if f.listener, err = net.Listen("tcp", net.JoinHostPort(f.clusterIP, "443")); err != nil {
		return fmt.Errorf("listen on the API server's cluster address: %w", err)
	}
	f.running.Go(f.accept)
	return nil
}

func (f *forward) accept() {
	for {
		from, err := f.listener.Accept()
		if err != nil {
			return
		}
		f.running.Go(func() { f.pass(from) })
	}
}

func (f *forward) pass(from net.Conn) {
	defer f.drop(from)
	to, err := net.Dial("tcp", f.target)
	if err != nil {
		return
	}
	defer f.drop(to)
	if !f.keep(from) || !f.keep(to) {
		return
	}
	var back sync.WaitGroup
	back.Go(func() { pipe(from, to) })
	pipe(to, from)
	back.Wait()
}

// pipe copies one direction and passes its end on, so that the other may go on.
func pipe(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.(*net.TCPConn).CloseWrite()
}

// keep remembers a connection for close; false where that has been called already.
func (f *forward) keep(c net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open[c] = true
	return !f.closed
}

func (f *forward) drop(c net.Conn) {
	f.mu.Lock()
	delete(f.open, c)
	f.mu.Unlock()
	_ = c.Close()
}

// close ends all connections and takes the address away.
func (f *forward) close() error {
	f.end()
	return ip("address", "del", f.clusterIP+"/32", "dev", "lo")
}

func (f *forward) end() {
	f.mu.Lock()
	f.closed = true
	for c := range f.open {
		_ = c.Close()
	}
	f.mu.Unlock()
	if f.listener != nil {
		_ = f.listener.Close()
	}
	f.running.Wait()
}
