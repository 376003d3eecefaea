package scrape

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/component-base/metrics"
	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/target"
)

const resolution = 10 * time.Second

// kubelets respond by host name. A behaviour may block until the request's context is done.
type kubelets struct {
	mu       sync.Mutex
	behave   map[string]func(*http.Request) (*http.Response, error)
	times    map[string][]time.Duration
	inFlight map[string]int
	most     map[string]int
	begin    time.Time
}

func newKubelets() *kubelets {
	return &kubelets{
		behave: map[string]func(*http.Request) (*http.Response, error){},
		times:  map[string][]time.Duration{}, inFlight: map[string]int{}, most: map[string]int{},
		begin: time.Now(),
	}
}

func (k *kubelets) RoundTrip(r *http.Request) (*http.Response, error) {
	host := r.URL.Hostname()
	k.mu.Lock()
	k.times[host] = append(k.times[host], time.Since(k.begin))
	k.inFlight[host]++
	k.most[host] = max(k.most[host], k.inFlight[host])
	behave := k.behave[host]
	k.mu.Unlock()
	defer func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.inFlight[host]--
	}()
	if behave == nil {
		behave = fine
	}
	return behave(r)
}

// requests is when a host received requests, counted from the beginning.
func (k *kubelets) requests(host string) []time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.times[host])
}

// atOnce is the largest number of requests to a host that were in flight together.
func (k *kubelets) maxInFlight(host string) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.most[host]
}

func (k *kubelets) set(host string, behave func(*http.Request) (*http.Response, error)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.behave[host] = behave
}

func body(r *http.Request, code int, text string) (*http.Response, error) {
	return &http.Response{StatusCode: code, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
}

func fine(r *http.Request) (*http.Response, error) { return body(r, 200, "fine") }

func hang(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// recordingStore records its calls, in order.
type recordingStore struct {
	mu    sync.Mutex
	calls []string
	// young is how many pods each node meets for the first time at its first scrape; they stay without a rate.
	young int
	seen  map[string]bool
	// unresolved is how many pods are without a rate once they are known.
	unresolved int
	// rejected is what every put rejects.
	rejected sample.Rejections
}

// recorded returns all calls until now.
func (s *recordingStore) recorded() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

func (s *recordingStore) record(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, fmt.Sprintf(format, args...))
}

func (s *recordingStore) Put(id store.Identity, _ *sample.Node) store.PutResult {
	s.record("put %s %s", id.Name, id.UID)
	s.mu.Lock()
	defer s.mu.Unlock()
	result := store.PutResult{WithoutRate: s.young, Rejected: s.rejected}
	if !s.seen[id.Name] {
		result.FirstSeen = s.young
	}
	s.seen[id.Name] = true
	return result
}

func (s *recordingStore) PutKubeletRates(id store.Identity, _ *sample.Node) int {
	s.record("kubelet rates %s", id.Name)
	return 0
}

func (s *recordingStore) MatchPods(id store.Identity) store.PutResult {
	s.record("resolve %s", id.Name)
	return store.PutResult{WithoutRate: s.unresolved}
}

func (s *recordingStore) PutExtra(id store.Identity, from sample.Endpoint, d *sample.Node, interval time.Duration) sample.Rejections {
	what := map[sample.Endpoint]string{sample.Summary: "extra", sample.FullSummary: "disk"}[from]
	s.record("%s %s every %s", what, id.Name, interval)
	return d.Rejected
}

func (s *recordingStore) Fail(node string)   { s.record("fail %s", node) }
func (s *recordingStore) Delete(node string) { s.record("delete %s", node) }

// forget has the node meet its pods for the first time again.
func (s *recordingStore) forget(node string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.seen, node)
}

func (s *recordingStore) count(call string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		if strings.HasPrefix(c, call) {
			n++
		}
	}
	return n
}

type runningPods bool

func (r runningPods) Running(string) bool { return bool(r) }

func decoded(_ context.Context, text []byte) (sample.Node, error) {
	if string(text) != "fine" {
		return sample.Node{}, decode.ErrSyntax
	}
	return sample.Node{}, nil
}

// env is a manager between kubelets and a store.
type env struct {
	*Manager
	kubelets *kubelets
	stored   *recordingStore
	registry metrics.KubeRegistry
}

// testConfig is the configuration of a manager with simulated kubelets.
type testConfig struct {
	Config
	memory *kubelet.Memory
	// transport responds to all requests.
	transport http.RoundTripper
	// wrap, where it is not nil, returns the transport of one connection.
	wrap func(*kubelet.Conn, http.RoundTripper) http.RoundTripper
}

// clientThrough returns a client whose requests a transport responds to.
func clientThrough(transport http.RoundTripper) *kubelet.Client {
	return kubelet.NewClientThrough(kubelet.NewMemory(func() int64 { return math.MaxInt64 }), func(*kubelet.Conn) http.RoundTripper { return transport })
}

// decoderFunc is a decoder that remembers nothing.
type decoderFunc func(ctx context.Context, body []byte) (sample.Node, error)

func (d decoderFunc) Decode(ctx context.Context, body []byte, n *sample.Node) (err error) {
	*n, err = d(ctx, body)
	return err
}

// newDecoder returns the constructor of a decoder.
func newDecoder(d decoderFunc) func() Decoder { return func() Decoder { return d } }

// extraDecoder returns the same decoder for each endpoint.
func extraDecoder(d decoderFunc) func(sample.Endpoint) Decoder {
	return func(sample.Endpoint) Decoder { return d }
}

// inBubble runs a test on a clock of its own, with a manager that has been started.
func inBubble(t *testing.T, change func(*testConfig), test func(t *testing.T, b *env)) {
	synctest.Test(t, func(t *testing.T) {
		b := &env{kubelets: newKubelets(), stored: &recordingStore{seen: map[string]bool{}}, registry: metrics.NewKubeRegistry()}
		m, err := NewMetrics(b.registry.Register)
		if err != nil {
			t.Fatal(err)
		}
		c := testConfig{memory: kubelet.NewMemory(func() int64 { return math.MaxInt64 }), transport: b.kubelets, Config: Config{
			Sources: []Source{{
				Timeout: 9 * time.Second, Resolution: resolution, NewDecoder: newDecoder(decoded),
			}},
			SummaryDecoder: decoderFunc(func(context.Context, []byte) (sample.Node, error) { return sample.Node{}, nil }),
			Extra:          sample.AllResources,
			ExtraDecoder: extraDecoder(func(_ context.Context, text []byte) (sample.Node, error) {
				if string(text) != "fine" {
					return sample.Node{}, decode.ErrEmpty
				}
				return sample.Node{Rejected: sample.Rejections{sample.Negative: 1}}, nil
			}),
			Pods: runningPods(false), Store: b.stored, Metrics: m,
		}}
		if change != nil {
			change(&c)
		}
		c.Sources[0].Client = kubelet.NewClientThrough(c.memory, func(conn *kubelet.Conn) http.RoundTripper {
			if c.wrap != nil {
				return c.wrap(conn, c.transport)
			}
			return c.transport
		})
		b.Manager = NewManager(c.Config)
		ctx, cancel := context.WithCancel(klog.NewContext(t.Context(), klog.Background()))
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := b.Start(ctx); err != nil {
				t.Errorf("Start: %v", err)
			}
		})
		synctest.Wait()
		test(t, b)
		cancel()
		wg.Wait()
	})
}

func node(name string) target.Target {
	return target.Target{Node: name, UID: "1", URL: "http://" + name, SummaryURL: "http://rates-of-" + name, Ready: true}
}
