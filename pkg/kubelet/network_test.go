package kubelet

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// network has addresses that take connections, or do not.
type network struct {
	mu     sync.Mutex
	behave map[string]dialBehaviour
	dialed []string
}

type dialBehaviour func(context.Context) (net.Conn, error)

func (n *network) dial(ctx context.Context, _, address string) (net.Conn, error) {
	n.mu.Lock()
	n.dialed = append(n.dialed, address)
	behave := n.behave[address]
	n.mu.Unlock()
	return behave(ctx)
}

// takeDialed returns the addresses that were dialled since the last call.
func (n *network) takeDialed() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	defer func() { n.dialed = nil }()
	return strings.Join(n.dialed, " ")
}

func refuse(context.Context) (net.Conn, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
}

func failLookup(context.Context) (net.Conn, error) { return nil, &net.DNSError{Err: "no such host"} }

func hang(ctx context.Context) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// respond accepts connections, and returns the same response to each request, whose body is the requested host; none for the code 0.
func respond(t *testing.T, code int) dialBehaviour {
	return func(context.Context) (net.Conn, error) {
		own, other := net.Pipe()
		go func() {
			defer own.Close()
			in := bufio.NewReader(own)
			for {
				r, err := http.ReadRequest(in)
				if err != nil {
					return
				}
				if code != 0 {
					fmt.Fprintf(own, "HTTP/1.1 %d x\r\nContent-Length: %d\r\n\r\n%s", code, len(r.Host), r.Host)
				}
			}
		}()
		t.Cleanup(func() { own.Close() })
		return other, nil
	}
}

// multiHomed is a kubelet with several addresses.
type multiHomed struct {
	network
	conn   Conn
	client *Client
	scheme string
}

func newMultiHomed(t *testing.T, behave map[string]dialBehaviour, addresses string) *multiHomed {
	k := &multiHomed{network: network{behave: behave}, scheme: "http"}
	k.conn.Addresses = strings.Fields(addresses)
	k.client = newPlainClient(k.dial)
	k.client.memory = newUnlimitedMemory()
	t.Cleanup(k.conn.Close)
	return k
}

// get returns the address that responded.
func (k *multiHomed) get(t *testing.T) (address string, err error) {
	return get(t, k.client, &k.conn, k.scheme+"://"+k.conn.Addresses[0]+"/", 9*time.Second)
}

// failedAddresses lists the addresses of an error, each with the kind of its error.
func failedAddresses(err error) string {
	e, ok := errors.AsType[*AddressesError](err)
	if !ok {
		return ""
	}
	var list []string
	for _, f := range e.Failed {
		list = append(list, f.Address+" "+kindOf(f.Err))
	}
	return strings.Join(list, ", ")
}

// throughTLS is a TLS server before another one, which begins the handshake after a while.
func throughTLS(t *testing.T, plain dialBehaviour, certificates []tls.Certificate, after time.Duration) dialBehaviour {
	return func(ctx context.Context) (net.Conn, error) {
		inner, err := plain(ctx)
		if err != nil {
			return nil, err
		}
		own, other := net.Pipe()
		stop := make(chan struct{})
		go func() {
			defer own.Close()
			defer inner.Close()
			select {
			case <-stop:
				return
			case <-time.After(after):
			}
			secure := tls.Server(own, &tls.Config{Certificates: certificates})
			go func() { _, _ = io.Copy(inner, secure) }()
			_, _ = io.Copy(secure, inner)
		}()
		t.Cleanup(func() {
			close(stop)
			own.Close()
			inner.Close()
		})
		return other, nil
	}
}
