package scrape

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/testutil"
	"k8s.io/klog/v2"
	"k8s.io/klog/v2/ktesting"

	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/target"
)

const resolution = 10 * time.Second

// kubelets answer by host name. A behaviour may block until the request's context is done.
type kubelets struct {
	mu       sync.Mutex
	behave   map[string]func(*http.Request) (*http.Response, error)
	asked    map[string][]time.Duration
	inFlight map[string]int
	most     map[string]int
	begin    time.Time
}

func newKubelets() *kubelets {
	return &kubelets{
		behave: map[string]func(*http.Request) (*http.Response, error){},
		asked:  map[string][]time.Duration{}, inFlight: map[string]int{}, most: map[string]int{},
		begin: time.Now(),
	}
}

func (k *kubelets) RoundTrip(r *http.Request) (*http.Response, error) {
	host := r.URL.Hostname()
	k.mu.Lock()
	k.asked[host] = append(k.asked[host], time.Since(k.begin))
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

// sink records what it is told, in order.
type sink struct {
	mu    sync.Mutex
	calls []string
	// young is how many pods each node meets for the first time at its first look; they lack a rate for ever.
	young int
	seen  map[string]bool
	// rejected is what every put says that it did not take.
	rejected sample.Rejections
}

func (s *sink) say(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, fmt.Sprintf(format, args...))
}

func (s *sink) Put(id store.Identity, _ *sample.Node, _ store.Pods) store.Summary {
	s.say("put %s %s", id.Name, id.UID)
	s.mu.Lock()
	defer s.mu.Unlock()
	summary := store.Summary{Rateless: s.young, Rejected: s.rejected}
	if !s.seen[id.Name] {
		summary.Young = s.young
	}
	s.seen[id.Name] = true
	return summary
}

func (s *sink) Suggest(id store.Identity, _ *sample.Node, _ store.Pods) store.Summary {
	s.say("suggest %s", id.Name)
	return store.Summary{}
}
func (s *sink) Fail(node string)   { s.say("fail %s", node) }
func (s *sink) Delete(node string) { s.say("delete %s", node) }

// forget has the node meet its pods for the first time again.
func (s *sink) forget(node string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.seen, node)
}

func (s *sink) count(call string) (n int) {
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

func (runningPods) Expect(string, string) (store.Expected, bool) { return store.Expected{}, false }
func (r runningPods) Running(string) bool                        { return bool(r) }

// bed is a manager between kubelets and a sink.
type bed struct {
	*Manager
	kubelets *kubelets
	sink     *sink
	registry metrics.KubeRegistry
}

// inBubble runs a test on a clock of its own, with a manager that has been started.
func inBubble(t *testing.T, change func(*Config), test func(t *testing.T, b *bed)) {
	synctest.Test(t, func(t *testing.T) {
		b := &bed{kubelets: newKubelets(), sink: &sink{seen: map[string]bool{}}, registry: metrics.NewKubeRegistry()}
		m, err := NewMetrics(b.registry.Register)
		if err != nil {
			t.Fatal(err)
		}
		c := Config{
			Client: &http.Client{Transport: b.kubelets}, Timeout: 9 * time.Second, Resolution: resolution,
			Decode: func(text []byte) (sample.Node, error) {
				if string(text) != "fine" {
					return sample.Node{}, decode.ErrSyntax
				}
				return sample.Node{}, nil
			},
			DecodeRates: func([]byte) (sample.Node, error) { return sample.Node{}, nil },
			Pods:        runningPods(false), Sink: b.sink, Metrics: m,
		}
		if change != nil {
			change(&c)
		}
		b.Manager = NewManager(c)
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
	return target.Target{Node: name, UID: "1", URL: "http://" + name, RatesURL: "http://rates-of-" + name, Ready: true}
}

func TestLooksFollowTheSchedule(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *bed) {
		b.sink.young = 1
		b.Set(node("a"))
		time.Sleep(3 * resolution)
		asked := b.kubelets.asked["a"]
		if len(asked) < 4 {
			t.Fatalf("looked %d times in three resolutions", len(asked))
		}
		if asked[0] >= firstSpread {
			t.Errorf("the first look came after %s", asked[0])
		}
		if got := asked[1] - asked[0]; got != secondLook {
			t.Errorf("the second look came %s after the first, want %s", got, secondLook)
		}
		if got := asked[3] - asked[2]; got != resolution {
			t.Errorf("the looks after that are %s apart, want %s", got, resolution)
		}
	})
}

func TestABadNodeCostsOnlyItself(t *testing.T) {
	bad := map[string]func(*http.Request) (*http.Response, error){
		"hang":    hang,
		"500":     func(r *http.Request) (*http.Response, error) { return body(r, 500, "") },
		"garbage": func(r *http.Request) (*http.Response, error) { return body(r, 200, "<html>") },
		"refused": func(*http.Request) (*http.Response, error) { return nil, errors.New("no") },
	}
	for name, behave := range bad {
		t.Run(name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, b *bed) {
				b.kubelets.set("bad", behave)
				b.Set(node("bad"))
				for i := range 20 {
					b.Set(node(fmt.Sprintf("good-%d", i)))
				}
				time.Sleep(10 * resolution)
				if got, want := b.sink.count("put good"), 20*10; got < want {
					t.Errorf("good nodes were put %d times, want at least %d", got, want)
				}
				if got := b.sink.count("put bad"); got != 0 {
					t.Errorf("the bad node was put %d times", got)
				}
				if got := len(b.kubelets.asked["bad"]); got < 3 || got > 7 {
					t.Errorf("the bad node was asked %d times in 10 resolutions, want fewer and fewer", got)
				}
				if got := b.kubelets.most["bad"]; got != 1 {
					t.Errorf("%d requests at once to the bad node", got)
				}
			})
		})
	}
}

func TestARecoveredNodeIsLookedAtAtOnce(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *bed) {
		b.kubelets.set("a", func(r *http.Request) (*http.Response, error) { return body(r, 500, "") })
		down := node("a")
		down.Ready = false
		b.Set(down)
		time.Sleep(30 * resolution)
		b.kubelets.set("a", fine)
		before := len(b.kubelets.asked["a"])
		b.Set(node("a"))
		synctest.Wait()
		if got := len(b.kubelets.asked["a"]) - before; got != 1 {
			t.Errorf("looked %d times when the node became ready, want once", got)
		}
		if why := b.Cause("a"); why != "" {
			t.Errorf("still has a cause: %s", why)
		}
	})
}

func TestANodeThatMovesIsAskedElsewhere(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *bed) {
		b.Set(node("a"))
		time.Sleep(3 * resolution)
		moved := node("a")
		moved.URL, moved.UID = "http://b", "2"
		b.Set(moved)
		synctest.Wait()
		if len(b.kubelets.asked["b"]) != 1 || b.sink.count("put a 2") != 1 {
			t.Errorf("asked %v and told %v", b.kubelets.asked, b.sink.calls)
		}
		b.Set(moved)
		synctest.Wait()
		if len(b.kubelets.asked["b"]) != 1 {
			t.Error("the same target was looked at out of turn")
		}
	})
}

func TestARemovedNodeIsForgottenLast(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *bed) {
		b.Set(node("a"))
		time.Sleep(3 * resolution)
		b.kubelets.set("a", hang)
		time.Sleep(resolution)
		b.Remove("a")
		before := len(b.sink.calls)
		if last := b.sink.calls[before-1]; last != "delete a" {
			t.Errorf("the last call was %q", last)
		}
		time.Sleep(3 * resolution)
		if got := b.sink.calls[before:]; len(got) > 0 {
			t.Errorf("after the removal came %v", got)
		}
		b.Remove("a")
	})
}

func TestCauseAndProgress(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *bed) {
		b.kubelets.set("down", func(r *http.Request) (*http.Response, error) { return body(r, 403, "") })
		b.Set(node("up"))
		b.Set(node("down"))
		b.Refuse("lost", errors.New("node lost has no address"))
		if got := b.Progress().String(); got != "1 of 3 nodes have been looked at; failing: 1 no_address" {
			t.Errorf("at the start: %s", got)
		}
		if got := b.Cause("up"); !strings.Contains(got, "not been asked yet") {
			t.Errorf("at the start: %s", got)
		}
		time.Sleep(resolution)
		want := Progress{Nodes: 3, Settled: 3, Failing: map[string]int{"no_address": 1, "forbidden": 1}}
		if diff := cmp.Diff(want, b.Progress()); diff != "" {
			t.Errorf("progress (-want +got):\n%s", diff)
		}
		for name, want := range map[string]string{
			"up": "", "down": "grant get on nodes/metrics", "lost": "has no address", "unknown": "is unknown",
		} {
			if got := b.Cause(name); !strings.Contains(got, want) || (want == "") != (got == "") {
				t.Errorf("the cause of %s is %q, want something with %q", name, got, want)
			}
		}
		if err := testutil.GatherAndCompare(b.registryWithNodes(t), strings.NewReader(nodesText), "plimsoll_nodes"); err != nil {
			t.Error(err)
		}
	})
}

const nodesText = `# HELP plimsoll_nodes [ALPHA] Nodes by state: ok, pending, or the cause of the failure.
# TYPE plimsoll_nodes gauge
plimsoll_nodes{state="forbidden"} 1
plimsoll_nodes{state="no_address"} 1
plimsoll_nodes{state="ok"} 1
plimsoll_nodes{state="pending"} 0
`

func (b *bed) registryWithNodes(t *testing.T) metrics.KubeRegistry {
	if err := b.registry.CustomRegister(NewNodesCollector(b.Manager)); err != nil {
		t.Fatal(err)
	}
	return b.registry
}

func TestSecondLooks(t *testing.T) {
	rates := node("a")
	alone := node("a")
	alone.RatesURL = ""
	tests := []struct {
		name   string
		target target.Target
		young  int
		// refuse has the kubelet keep its own rates to itself.
		refuse bool
		// calls are what the sink was told before the second look in turn, and rates how often rates were asked for in all.
		calls []string
		rates int
	}{
		{"nothing new", rates, 0, false, []string{"put a 1"}, 0},
		{"something new", rates, 1, false, []string{"put a 1", "put a 1", "suggest a"}, 1},
		{"something new, and no rates to be had", rates, 1, true, []string{"put a 1", "put a 1"}, 1},
		{"something new at an endpoint with rates of its own", alone, 1, false, []string{"put a 1"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, b *bed) {
				b.sink.young = tt.young
				if tt.refuse {
					b.kubelets.set("rates-of-a", func(r *http.Request) (*http.Response, error) { return body(r, 403, "") })
				}
				b.Set(tt.target)
				for b.Progress().Settled == 0 {
					time.Sleep(100 * time.Millisecond)
				}
				synctest.Wait()
				if diff := cmp.Diff(tt.calls, b.sink.calls); diff != "" {
					t.Errorf("calls until settled (-want +got):\n%s", diff)
				}
				time.Sleep(3 * resolution)
				// A kubelet that refused is not asked again, even when something new comes.
				b.sink.forget("a")
				time.Sleep(3 * resolution)
				want := tt.rates
				if tt.rates > 0 && !tt.refuse {
					want++
				}
				if got := len(b.kubelets.asked["rates-of-a"]); got != want {
					t.Errorf("rates were asked for %d times, want %d", got, want)
				}
			})
		})
	}
}

func TestAnEmptyAnswerIsAFailureWherePodsRun(t *testing.T) {
	for _, running := range []bool{false, true} {
		inBubble(t, func(c *Config) { c.Pods = runningPods(running) }, func(t *testing.T, b *bed) {
			b.Set(node("a"))
			time.Sleep(resolution)
			if failed := b.sink.count("fail") > 0; failed != running {
				t.Errorf("pods run: %t, failed: %t", running, failed)
			}
		})
	}
}

func TestMetrics(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *bed) {
		b.sink.rejected[sample.Malformed] = 1
		b.kubelets.set("a", func(r *http.Request) (*http.Response, error) { return body(r, 200, "garbage") })
		b.Set(node("a"))
		time.Sleep(time.Second)
		b.kubelets.set("a", fine)
		time.Sleep(resolution)
		want := `# HELP plimsoll_readings_rejected_total [ALPHA] Readings of kubelets that were not taken, by reason.
# TYPE plimsoll_readings_rejected_total counter
plimsoll_readings_rejected_total{reason="malformed"} 1
# HELP plimsoll_scrapes_total [ALPHA] Looks at kubelets, by result: success or the cause of the failure.
# TYPE plimsoll_scrapes_total counter
plimsoll_scrapes_total{result="success"} 1
plimsoll_scrapes_total{result="syntax"} 1
`
		if err := testutil.GatherAndCompare(b.registry, strings.NewReader(want),
			"plimsoll_readings_rejected_total", "plimsoll_scrapes_total"); err != nil {
			t.Error(err)
		}
	})
}

func TestACauseIsLoggedWhenItChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logger := ktesting.NewLogger(t, ktesting.NewConfig(ktesting.BufferLogs(true)))
		k := newKubelets()
		m, err := NewMetrics(metrics.NewKubeRegistry().Register)
		if err != nil {
			t.Fatal(err)
		}
		manager := NewManager(Config{
			Client: &http.Client{Transport: k}, Timeout: time.Second, Resolution: resolution,
			Decode: func([]byte) (sample.Node, error) { return sample.Node{}, nil },
			Pods:   runningPods(false), Sink: &sink{seen: map[string]bool{}}, Metrics: m,
		})
		ctx, cancel := context.WithCancel(klog.NewContext(t.Context(), logger))
		done := make(chan struct{})
		go func() { defer close(done); _ = manager.Start(ctx) }()
		manager.Set(node("a"))
		for _, code := range []int{500, 403, 200} {
			k.set("a", func(r *http.Request) (*http.Response, error) { return body(r, code, "fine") })
			time.Sleep(30 * resolution)
		}
		cancel()
		<-done
		text := logger.GetSink().(ktesting.Underlier).GetBuffer().String()
		for line, want := range map[string]int{
			`cause="status"`: 1, `cause="forbidden"`: 1, "Kubelet answers again": 1, "Kubelet cannot be scraped": 2,
		} {
			if got := strings.Count(text, line); got != want {
				t.Errorf("%q was logged %d times, want %d, in:\n%s", line, got, want, text)
			}
		}
	})
}
