package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestAddresses has a writer of Node status choose addresses that are not a kubelet's, and the API server's own: Plimsoll connects to no server of
// their choice. That local addresses are refused where no flag allows them is not for a test environment whose kubelets have such.
func TestAddresses(t *testing.T) {
	canary := listen(t)
	server, err := url.Parse(env.AdminConfig().Host)
	if err != nil {
		t.Fatal(err)
	}
	apiPort, err := strconv.Atoi(server.Port())
	if err != nil {
		t.Fatal(err)
	}
	kubelets := []struct {
		address string
		port    int
	}{
		{fmt.Sprintf("::ffff:127.0.0.1]:%d/api/v1/secrets?x=[", canary.port), 10250},
		{fmt.Sprintf("::1]:%d/api/v1/secrets?x=[", canary.port), 10250},
		{fmt.Sprintf("127.0.0.1:%d/api/v1/secrets?x=", canary.port), 10250},
		{"127.0.0.1/api/v1/secrets?x=", canary.port},
		{"127.0.0.1#", canary.port},
		{"evil@127.0.0.1", canary.port},
		{"evil:password@127.0.0.1", canary.port},
		{server.Hostname(), apiPort},
	}
	attack{name: "addresses that are none", table: kubeletsTable, counted: []string{`^plimsoll_nodes{cluster="",state="refused_address"}`}, wage: func(ctx context.Context, _ *testing.T) (err error) {
		for i, k := range kubelets {
			remove, createErr := createNode(ctx, fmt.Sprintf("evil-%d", i), k.address, k.port)
			if createErr != nil {
				return createErr
			}
			defer func() { err = errors.Join(err, remove()) }()
		}
		<-ctx.Done()
		return nil
	}}.run(t)
	if n := canary.accepted.Load(); n > 0 {
		t.Errorf("plimsoll connected %d times to an address that a Node's status smuggled in", n)
	}
}

// createNode creates a Node of no fleet with one address and its kubelet's port. It is removed by the returned function.
func createNode(ctx context.Context, name, address string, port int) (remove func() error, err error) {
	nodes := env.Client.CoreV1().Nodes()
	if _, err := nodes.Create(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{}); err != nil {
		return nil, fmt.Errorf("create node %s: %w", name, err)
	}
	var status corev1.NodeStatus
	status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: address}}
	status.DaemonEndpoints.KubeletEndpoint.Port = int32(port)
	patch, err := json.Marshal(map[string]any{"status": status})
	if err != nil {
		return nil, fmt.Errorf("write the status of node %s: %w", name, err)
	}
	if _, err := nodes.PatchStatus(ctx, name, patch); err != nil {
		return nil, fmt.Errorf("give node %s the address %q: %w", name, address, err)
	}
	return func() error {
		return nodes.Delete(context.WithoutCancel(ctx), name, metav1.DeleteOptions{})
	}, nil
}

// canary counts the connections to a port on loopback.
type canary struct {
	port     int
	accepted atomic.Int64
}

func listen(t *testing.T) *canary {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	c := &canary{}
	if c.port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	var accepting sync.WaitGroup
	accepting.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			c.accepted.Add(1)
			conn.Close()
		}
	})
	t.Cleanup(func() { l.Close(); accepting.Wait() })
	return c
}
