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

// answer is one response of a kubelet.
type answer struct {
	// silent is true where nothing listens.
	silent bool
	status int
	// body is made when the kubelet is asked.
	body func() (string, error)
}

// kubelets are the network: each node answers what the scenario gave it, once.
type kubelets struct {
	t *testing.T
	// mu guards answers and those of them that were errors, which are by host and path.
	mu               sync.Mutex
	answers, refused map[string]answer
}

func (k *kubelets) set(node, path string, a answer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.answers[node+pathOf(path)] = a
}

func (k *kubelets) has(node, path string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, ok := k.answers[node+pathOf(path)]
	return ok
}

// take returns a response and forgets it; false where there is none. What a kubelet refused with a query it refuses without one too.
func (k *kubelets) take(asked string, query bool) (answer, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a, ok := k.answers[asked]
	delete(k.answers, asked)
	switch {
	case ok && query && a.status != http.StatusOK:
		k.refused[asked] = a
	case !ok && !query:
		a, ok = k.refused[asked]
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
	asked := r.URL.Hostname() + r.URL.Path
	a, ok := k.take(asked, r.URL.RawQuery != "")
	if !ok {
		k.t.Errorf("%s was asked without a command", asked)
		a.silent = true
	}
	if a.silent {
		return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	}
	body, err := a.body()
	if err != nil {
		k.t.Errorf("the response of %s: %v", asked, err)
	}
	return &http.Response{StatusCode: a.status, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// news is what the server's own metrics have counted since they were last asked: a line for a scrape that failed, and one
// for the readings that were rejected.
func (s *server) news() (string, error) {
	families, err := s.registry.Gather()
	if err != nil {
		return "", fmt.Errorf("gather the server's metrics: %w", err)
	}
	var out strings.Builder
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if m.GetCounter() == nil {
				continue
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
