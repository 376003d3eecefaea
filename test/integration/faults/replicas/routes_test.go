package replicas

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/uuid"
)

// propagation is for how long requests still arrive at a pod after its deletion has begun: until the endpoints have changed on all nodes and API servers.
const propagation = 5 * time.Second

// routes are the ways from the API server to the replicas: the endpoints of the Service, and a balancer of connections as kube-proxy is one for
// the Service's own address. A replica is on them from the moment on when it is ready until propagation after its deletion.
type routes struct {
	// port is that of the manifests.
	port     corev1.ServicePort
	listener net.Listener

	// mu guards what follows.
	mu sync.Mutex
	// backends are the addresses with ports.
	backends  []string
	published bool
}

func newRoutes(service corev1.Service) (*routes, error) {
	listener, err := net.Listen("tcp", "127.77.1.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen as a balancer: %w", err)
	}
	return &routes{port: service.Spec.Ports[0], listener: listener}, nil
}

// publish changes both ways where the replicas have changed.
func (r *routes) publish(ctx context.Context, replicas []*replica) error {
	var endpoints []discoveryv1.Endpoint
	var backends []string
	port := int32(0)
	for _, p := range replicas {
		s := p.state()
		if !s.ready || !s.deleted.IsZero() && time.Since(s.deleted) > propagation {
			continue
		}
		port = p.container().Ports[0].ContainerPort
		endpoints = append(endpoints, discoveryv1.Endpoint{Addresses: []string{p.address}, Conditions: discoveryv1.EndpointConditions{Ready: new(true)}})
		backends = append(backends, net.JoinHostPort(p.address, strconv.Itoa(int(port))))
	}
	r.mu.Lock()
	same, published := slices.Equal(r.backends, backends), r.published
	r.backends, r.published = backends, true
	r.mu.Unlock()
	if same && published {
		return nil
	}
	if !published {
		if err := env.StoreEndpointSlice(ctx, r.slice(balanced, r.balancer(), []discoveryv1.Endpoint{{
			Addresses: []string{"127.77.1.1"}, Conditions: discoveryv1.EndpointConditions{Ready: new(true)},
		}})); err != nil {
			return err
		}
	}
	return env.StoreEndpointSlice(ctx, r.slice(r.port, port, endpoints))
}

func (r *routes) balancer() int32 { return int32(r.listener.Addr().(*net.TCPAddr).Port) }

// slice has the endpoints of a port of the Service, at a port of their own.
func (r *routes) slice(of corev1.ServicePort, port int32, endpoints []discoveryv1.Endpoint) *discoveryv1.EndpointSlice {
	return &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: name + "-" + of.Name, UID: uuid.NewUUID(), CreationTimestamp: metav1.Now(),
			Labels: map[string]string{discoveryv1.LabelServiceName: name, discoveryv1.LabelManagedBy: "test"},
		},
		AddressType: discoveryv1.AddressTypeIPv4, Endpoints: endpoints,
		Ports: []discoveryv1.EndpointPort{{Name: &of.Name, Port: &port, Protocol: &of.Protocol}},
	}
}

// serve balances connections until ctx ends. As with kube-proxy, a connection stays with its backend, whatever becomes of that.
func (r *routes) serve(ctx context.Context) {
	var open sync.WaitGroup
	defer open.Wait()
	stop := context.AfterFunc(ctx, func() { r.listener.Close() })
	defer stop()
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		open.Go(func() { r.connect(ctx, client) })
	}
}

func (r *routes) connect(ctx context.Context, client net.Conn) {
	defer client.Close()
	r.mu.Lock()
	backends := r.backends
	r.mu.Unlock()
	if len(backends) == 0 {
		return
	}
	server, err := (&net.Dialer{}).DialContext(ctx, "tcp", backends[rand.IntN(len(backends))])
	if err != nil {
		return
	}
	defer server.Close()
	stop := context.AfterFunc(ctx, func() { client.Close(); server.Close() })
	defer stop()
	var up sync.WaitGroup
	up.Go(func() {
		_, _ = io.Copy(server, client) // It ends with the connection.
		_ = server.(*net.TCPConn).CloseWrite()
	})
	_, _ = io.Copy(client, server)
	client.Close()
	up.Wait()
}
