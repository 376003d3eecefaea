package scenario

import (
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/plimsoll/plimsoll/pkg/kubelet"
)

// response is one response of a kubelet.
type response struct {
	// refused is true where the kubelet refuses the connection.
	refused bool
	status  int
	// body is called when the request arrives.
	body func() (string, error)
}

// kubelets are the network: each node returns the response that the scenario has set, once.
type kubelets struct {
	t *testing.T
	// mu guards the responses, by host and path, and those of them that were errors.
	mu                sync.Mutex
	responses, errors map[string]response
}

func (k *kubelets) set(node, path string, a response) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.responses[node+pathOf(path)] = a
}

func (k *kubelets) has(node, path string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, ok := k.responses[node+pathOf(path)]
	return ok
}

// take returns a response and removes it; false where there is none. A kubelet that returned an error for a query returns it without the
// query too.
func (k *kubelets) take(endpoint string, query bool) (response, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a, ok := k.responses[endpoint]
	delete(k.responses, endpoint)
	switch {
	case ok && query && a.status != http.StatusOK:
		k.errors[endpoint] = a
	case !ok && !query:
		a, ok = k.errors[endpoint]
	}
	return a, ok
}

// pathOf leaves out a query.
func pathOf(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}

// client returns a client whose requests the kubelets respond to.
func (k *kubelets) client() *kubelet.Client {
	memory := kubelet.NewMemory(func() int64 { return math.MaxInt64 })
	return kubelet.NewClientThrough(memory, func(*kubelet.Conn) http.RoundTripper { return k })
}

// RoundTrip implements http.RoundTripper.
func (k *kubelets) RoundTrip(r *http.Request) (*http.Response, error) {
	endpoint := r.URL.Hostname() + r.URL.Path
	a, ok := k.take(endpoint, r.URL.RawQuery != "")
	if !ok {
		k.t.Errorf("%s received a request without a command", endpoint)
		a.refused = true
	}
	if a.refused {
		return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	}
	body, err := a.body()
	if err != nil {
		k.t.Errorf("the response of %s: %v", endpoint, err)
	}
	return &http.Response{StatusCode: a.status, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// counts are the changes of the server's own metrics since the last call: a line for a scrape that failed, and one for the readings that
// were rejected.
func (s *server) counts() (string, error) {
	families, err := s.registry.Gather()
	if err != nil {
		return "", fmt.Errorf("gather the server's metrics: %w", err)
	}
	var out strings.Builder
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if m.GetCounter() == nil || len(m.GetLabel()) < 2 {
				continue // Which parser read a response changes nothing of what is served.
			}
			label := m.GetLabel()[1].GetValue() // after the cluster
			grown := m.GetCounter().GetValue() - s.counted[f.GetName()+label]
			s.counted[f.GetName()+label] += grown
			switch {
			case grown == 0 || label == "success":
			case f.GetName() == "plimsoll_scrapes_total":
				fmt.Fprintf(&out, "failed: %s\n", label)
			default:
				fmt.Fprintf(&out, "rejected: %s %g\n", label, grown)
			}
		}
	}
	return out.String(), nil
}
