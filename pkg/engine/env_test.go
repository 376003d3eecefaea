package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/component-base/metrics"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

const (
	interval   = 15 * time.Second
	resolution = 15 * time.Second
	maxAge     = time.Minute
)

// simulatedEngine implements Opener. It has scraped its series every interval, at whole multiples of it.
type simulatedEngine struct {
	mu     sync.Mutex
	series map[string]func(scrape time.Time) (point, bool)
	// fault replaces the response; nil where there is none. A status of 0 without an error never comes. queries are those so far, with their times.
	fault   func(query string) (status int, text string, err error)
	queries []string
	times   []time.Time
}

func (*simulatedEngine) String() string { return "http://engine" }

func (e *simulatedEngine) Open(ctx context.Context, target string, body []byte, _ http.Header) (*http.Response, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil || target != "/api/v1/query" {
		return nil, errors.Join(err, errors.New("not a query"))
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	query := form.Get("query")
	e.queries, e.times = append(e.queries, query), append(e.times, time.Now())
	if e.fault != nil {
		status, text, err := e.fault(query)
		if err == nil && status == 0 {
			e.mu.Unlock()
			<-ctx.Done()
			e.mu.Lock()
			err = ctx.Err()
		}
		return httpResponse(status, text), err
	}
	return httpResponse(http.StatusOK, e.respond(query)), nil
}

func httpResponse(status int, text string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(text))}
}

var windowOf = regexp.MustCompile(`\[(\d+)ms\]`)

var startsAfter = regexp.MustCompile(`container_start_time_seconds.* > (\d+)$`)

// respond returns the samples of all series within the window of the query, whatever its matchers are; or the newest of each start time after that of the
// query. A range has start times only where the query names them.
func (e *simulatedEngine) respond(query string) string {
	now := time.Now()
	if after := startsAfter.FindStringSubmatch(query); after != nil {
		return e.respondStarts(now, after[1])
	}
	if windowOf.FindString(query) == "" {
		return `{"status":"success","data":{"resultType":"vector","result":[]}}`
	}
	milliseconds, _ := strconv.Atoi(windowOf.FindStringSubmatch(query)[1])
	from := now.Add(-time.Duration(milliseconds) * time.Millisecond)
	var all []string
	for _, labels := range slices.Sorted(maps.Keys(e.series)) {
		if strings.Contains(query, "__name__") && strings.Contains(labels, startName) && !strings.Contains(query, startName) {
			continue
		}
		var points []string
		for at := now.Truncate(interval).Add(-40 * interval); !at.After(now); at = at.Add(interval) {
			if p, ok := e.series[labels](at); ok && p.time > from.UnixMilli() {
				points = append(points, fmt.Sprintf(`[%.3f,"%v"]`, float64(p.time)/1000, p.value))
			}
		}
		all = append(all, fmt.Sprintf(`{"metric":{%s},"values":[%s]}`, labels, strings.Join(points, ",")))
	}
	return `{"status":"success","data":{"resultType":"matrix","result":[` + strings.Join(all, ",") + `]}}`
}

func (e *simulatedEngine) respondStarts(now time.Time, after string) string {
	least, _ := strconv.ParseFloat(after, 64)
	var all []string
	for _, labels := range slices.Sorted(maps.Keys(e.series)) {
		if p, ok := e.series[labels](now.Truncate(interval)); ok && strings.Contains(labels, startName) && p.value > least {
			all = append(all, fmt.Sprintf(`{"metric":{%s},"value":[%d,"%f"]}`, labels, now.Unix(), p.value))
		}
	}
	return `{"status":"success","data":{"resultType":"vector","result":[` + strings.Join(all, ",") + `]}}`
}

// add adds a series, whose labels are written NAME=VALUE and joined by spaces.
func (e *simulatedEngine) add(text string, value func(scrape time.Time) (point, bool)) {
	var labels []string
	for pair := range strings.FieldsSeq(text) {
		name, value, _ := strings.Cut(pair, "=")
		labels = append(labels, strconv.Quote(name)+":"+strconv.Quote(value))
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.series[strings.Join(labels, ",")] = value
}

// use adds the series of a container, or of a node without a pod, that uses so many cores since a time, and so many bytes. The kubelet read it a while
// before each scrape.
func (e *simulatedEngine) use(node, pod string, cores, bytes float64, since time.Time, before time.Duration) {
	of, prefix := "node="+node, "node"
	if pod != "" {
		of, prefix = of+" namespace=ns container=c pod="+pod, "container"
	}
	e.add("__name__="+prefix+"_cpu_usage_seconds_total "+of, func(scrape time.Time) (point, bool) {
		at := scrape.Add(-before)
		return point{at.UnixMilli(), cores * at.Sub(since).Seconds()}, at.After(since)
	})
	e.add("__name__="+prefix+"_memory_working_set_bytes "+of, func(scrape time.Time) (point, bool) {
		at := scrape.Add(-before)
		return point{at.UnixMilli(), bytes}, at.After(since)
	})
}

func (e *simulatedEngine) fail(fault func(query string) (int, string, error)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fault = fault
}

// env is a collector of nodes, each with one pod of its name, and the store that it puts into. It runs in a bubble of synctest.
type env struct {
	t         *testing.T
	engine    *simulatedEngine
	store     *store.Store
	collector *Collector
	podsKnown chan struct{}

	mu      sync.Mutex
	nodes   map[string]*usage.NodeCell
	pods    map[string]*usage.PodCell
	standby map[string]bool
}

// Pod implements store.Objects: a pod runs on the node of its name.
func (e *env) Pod(_, name string) (store.Expected, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	cell, ok := e.pods[name]
	return store.Expected{Node: name, UID: "u", Containers: []string{"c"}, Usage: cell}, ok
}

// Node implements store.Objects.
func (e *env) Node(name string) (string, *usage.NodeCell, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	cell, ok := e.nodes[name]
	return "", cell, ok
}

func newEnv(t *testing.T, change func(*Source)) *env {
	t.Helper()
	counted, err := NewMetrics(func(metrics.Registerable) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	e := &env{
		t: t, engine: &simulatedEngine{series: map[string]func(time.Time) (point, bool){}}, podsKnown: make(chan struct{}),
		nodes: map[string]*usage.NodeCell{}, pods: map[string]*usage.PodCell{}, standby: map[string]bool{},
	}
	source := Source{
		Client:    &Client{Endpoint: e.engine, Timeout: 10 * time.Second},
		Selection: Selection{Labels: usualLabels, Window: 90 * time.Second, Replica: []string{"replica"}},
		Nodes:     labels.Everything(), Resolution: resolution, ShardSize: 50,
	}
	if change != nil {
		change(&source)
	}
	e.store = store.New(e, usage.Staleness{MaxAge: maxAge, Resolution: resolution}, clock.RealClock{})
	e.collector = NewCollector(Config{
		Sources: []Source{source}, Store: e.store, PodsKnown: e.podsKnown, Metrics: counted, Reject: func(sample.Rejections) {},
		Running: func(node string) bool { _, ok := e.Pod("ns", node); return ok },
		OnStandby: func(node string) bool {
			e.mu.Lock()
			defer e.mu.Unlock()
			return e.standby[node]
		},
	})
	return e
}

// start starts the collector, which ends with the test.
func (e *env) start() {
	ctx, cancel := context.WithCancel(klog.NewContext(e.t.Context(), klog.Logger{}))
	done := make(chan error)
	go func() { done <- e.collector.Start(ctx) }()
	e.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			e.t.Error(err)
		}
	})
}

// set declares a node with a pod, and adds it.
func (e *env) set(name string) {
	e.mu.Lock()
	if e.nodes[name] == nil {
		e.nodes[name], e.pods[name] = &usage.NodeCell{}, &usage.PodCell{}
	}
	cell := e.nodes[name]
	e.mu.Unlock()
	e.collector.Set(&cluster.Node{Name: name, Usage: cell})
}

// show is what is served of a node and its pod, in millicores and bytes, and how old it is in seconds.
func (e *env) show(name string) string {
	e.mu.Lock()
	node, pod := e.nodes[name], e.pods[name]
	e.mu.Unlock()
	var b bytes.Buffer
	if u, ok := e.store.Reader().Node(node); ok {
		fmt.Fprintf(&b, "node %dm %d", (u.CPU+500_000)/1_000_000, u.Memory)
	}
	if u, ok := e.store.Reader().Pod(pod, name); ok {
		c := u.Containers[0]
		fmt.Fprintf(&b, " pod %dm %d, %v old over %v", (c.CPU+500_000)/1_000_000, c.Memory, time.Since(u.Time).Round(time.Second), u.Window)
	}
	return b.String()
}

func (e *env) want(name, want string) {
	e.t.Helper()
	if got := e.show(name); got != want {
		e.t.Errorf("%s serves %q, want %q", name, got, want)
	}
}

// wait lets time pass.
func wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// began is when the simulated containers began: long before the collector.
func began() time.Time { return time.Now().Add(-time.Hour) }
