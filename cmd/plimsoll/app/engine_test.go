package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/component-base/metrics"
	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/engine"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// TestEngineRequests follows the options of a source to what an engine receives: no credentials but its own.
func TestEngineRequests(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("sesame\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	type request struct {
		Path, Authorization, Tenant string
		// Encoding is what it may compress the response with.
		Encoding string
		Form     url.Values
	}
	form := func(changes ...string) url.Values {
		f := url.Values{
			"query":   {`{__name__=~"container_cpu_usage_seconds_total|container_memory_working_set_bytes|container_start_time_seconds|node_cpu_usage_seconds_total|node_memory_working_set_bytes|up",node=~"n1"}[90000ms]`},
			"timeout": {"5"}, "dedup": {"true"}, "partial_response": {"false"}, "latency_offset": {"1000ms"}, "replicaLabels[]": {"a", "b"},
		}
		for i := 0; i < len(changes); i += 2 {
			f[changes[i]] = []string{changes[i+1]}
		}
		return f
	}
	for _, tt := range []struct {
		name   string
		change func(*source.Engine)
		want   request
	}{
		{"none", func(*source.Engine) {}, request{Path: "/api/v1/query", Encoding: "identity", Form: form()}},
		{"credentials", func(e *source.Engine) { e.TokenFile, e.Tenant = token, "team" }, request{Path: "/api/v1/query", Encoding: "identity", Authorization: "Bearer sesame", Tenant: "team", Form: form()}},
		{"basic authentication", func(e *source.Engine) { e.User, e.PasswordFile = "me", token }, request{Path: "/api/v1/query", Encoding: "identity", Authorization: "Basic bWU6c2VzYW1l", Form: form()}},
		{"no deduplication, another offset", func(e *source.Engine) { e.Dedup, e.LatencyOffset = false, 5*time.Second },
			request{Path: "/api/v1/query", Encoding: "identity", Form: func() url.Values {
				f := form("dedup", "false", "latency_offset", "5000ms")
				delete(f, "replicaLabels[]")
				return f
			}()}},
		{"a path", func(e *source.Engine) { e.URL += "/select/0/prometheus" }, request{Path: "/select/0/prometheus/api/v1/query", Encoding: "identity", Form: form()}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			received := make(chan request, 1)
			server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm() // The form is compared.
				select {
				case received <- request{r.URL.Path, r.Header.Get("Authorization"), r.Header.Get("X-Scope-OrgID"), r.Header.Get("Accept-Encoding"), r.PostForm}:
				default:
				}
			}))
			defer server.Close()
			e := source.Engine{
				URL: server.URL, NodeLabel: "node", NamespaceLabel: "namespace", PodLabel: "pod", ContainerLabel: "container", Endpoint: source.EndpointAuto,
				ReplicaLabels: []string{"a", "b"}, Dedup: true, LatencyOffset: time.Second, Window: 90 * time.Second, ShardSize: 50, RequestTimeout: 5 * time.Second,
			}
			tt.change(&e)
			got := firstRequest(t, source.Source{Kind: source.Prometheus, Engine: e, NodeSelector: labels.Everything(), Resolution: 15 * time.Second}, received)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}

// firstRequest runs the collector of a source with one node until the engine has received a request.
func firstRequest[T any](t *testing.T, of source.Source, received <-chan T) (first T) {
	t.Helper()
	counted, err := engine.NewMetrics(func(metrics.Registerable) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	engines := &Engines{Metrics: counted, made: map[string]*engine.Collector{}, Reject: func(string, sample.Rejections) {}}
	watched := cluster.New(fake.NewClientset(), labels.Everything(), nil, cluster.Options{})
	stored := store.New(objects{watched}, usage.Staleness{MaxAge: time.Minute, Resolution: 15 * time.Second}, clock.RealClock{})
	c, err := engines.NewCollector([]source.Source{of}, watched, stored, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Set(&cluster.Node{Name: "n1"})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- c.Start(ctx) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	select {
	case first = <-received:
	case <-time.After(30 * time.Second):
		t.Error("the engine received no request")
	}
	return first
}
