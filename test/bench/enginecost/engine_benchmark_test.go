package enginecost

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/component-base/metrics"
	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/engine"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/sink/endpoint"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/usage"
	"github.com/plimsoll/plimsoll/test/framework/engines"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

const (
	nodes, pods, namespaces = 100, 30, 10
	// scaled is how many pods each autoscaler has.
	scaled   = 30
	interval = 15 * time.Second
	// rounds are how often everything is read, once in each interval.
	rounds = 3
	// filled is how long it takes until the engine has all samples that a query reads: prometheus-adapter's reads those of four minutes.
	filled = 4*time.Minute + interval
	// block keeps clear of the addresses of other fleets.
	block = 78
)

// BenchmarkEngine reads in each scrape interval what Plimsoll reads; what prometheus-adapter reads for a client that lists all pods and nodes; and what it reads
// for autoscalers that together have all pods. The engine's own CPU without queries is taken off.
func BenchmarkEngine(b *testing.B) {
	f, scrape := startFleet(b)
	prometheus := engines.Started(b, engines.Prometheus{Dir: b.TempDir(), Scrapes: []engines.Scrape{scrape}}.Start)
	wait(b, filled)
	idle := cpuOf(b, prometheus.URL, func() { wait(b, rounds*interval) })
	for _, c := range []struct {
		name string
		read func(b *testing.B)
	}{
		{"plimsoll", func(b *testing.B) { runCollector(b, prometheus.URL) }},
		{"adapter-list", inEachInterval(func(b *testing.B) {
			for ns := range namespaces {
				askForPods(b, prometheus.URL, ns, podsOf(ns))
			}
			askForNodes(b, prometheus.URL, f.Nodes())
		})},
		{"adapter-autoscalers", inEachInterval(func(b *testing.B) {
			for ns := range namespaces {
				for names := range slices.Chunk(podsOf(ns), scaled) {
					askForPods(b, prometheus.URL, ns, names)
				}
			}
		})},
	} {
		b.Run(c.name, func(b *testing.B) {
			spent := cpuOf(b, prometheus.URL, func() { c.read(b) }) - idle
			b.ReportMetric(1000*spent/rounds, "engine-ms/round")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// inEachInterval reads once in each of several intervals.
func inEachInterval(read func(b *testing.B)) func(b *testing.B) {
	return func(b *testing.B) {
		for range rounds {
			begin := time.Now()
			read(b)
			wait(b, interval-time.Since(begin))
		}
	}
}

func wait(b *testing.B, d time.Duration) {
	b.Helper()
	select {
	case <-time.After(d):
	case <-b.Context().Done():
		b.Fatal(b.Context().Err())
	}
}

func startFleet(b *testing.B) (*fleet.Fleet, engines.Scrape) {
	b.Helper()
	f, err := fleet.New(fleet.Options{Nodes: nodes, Block: block, Readings: fleet.Housekeeping})
	if err != nil {
		b.Fatal(err)
	}
	scrape := engines.Scrape{Job: "kubelet", Path: fleet.PathResource, Interval: interval.String(), Targets: map[string]string{}}
	for i, node := range f.Nodes() {
		scrape.Targets[net.JoinHostPort(f.Address(i).String(), strconv.Itoa(f.Port()))] = node
		for j := range pods {
			p := fleet.Pod{Namespace: namespaceOf(j), Name: podName(i, j), UID: podName(i, j), Containers: []fleet.Container{{Name: "app", CPU: 0.1, Memory: 1 << 26}, {Name: "proxy", CPU: 0.01, Memory: 1 << 24}}}
			if err := f.AddPod(node, p); err != nil {
				b.Fatal(err)
			}
		}
	}
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error)
	go func() { done <- f.Start(ctx) }()
	b.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
	})
	return f, scrape
}

func namespaceOf(pod int) string { return fmt.Sprintf("team-%02d", pod%namespaces) }
func podName(node, pod int) string {
	return fmt.Sprintf("web-7d4b9c6f5-%03d-%03d", node, pod)
}

// noObjects has no pods, so that the store does nothing that the engine would not see.
type noObjects struct{}

func (noObjects) Pod(string, string) (store.Expected, bool)   { return store.Expected{}, false }
func (noObjects) Node(string) (string, *usage.NodeCell, bool) { return "", nil, false }

// runCollector has Plimsoll's collector read everything rounds times.
func runCollector(b *testing.B, address string) {
	b.Helper()
	to, err := endpoint.New(endpoint.Config{URL: address})
	if err != nil {
		b.Fatal(err)
	}
	counted, err := engine.NewMetrics(func(metrics.Registerable) error { return nil })
	if err != nil {
		b.Fatal(err)
	}
	c := engine.NewCollector(engine.Config{
		Sources: []engine.Source{{
			Client:    &engine.Client{Endpoint: to, Parameters: url.Values{}, Timeout: interval},
			Selection: engine.Selection{Labels: engine.Labels{Node: "node", Namespace: "namespace", Pod: "pod", Container: "container"}, Window: 90 * time.Second},
			Nodes:     labels.Everything(), Resolution: interval, ShardSize: 50,
		}},
		Store:   store.New(noObjects{}, usage.Staleness{MaxAge: time.Minute, Resolution: interval}, clock.RealClock{}),
		Running: func(string) bool { return true }, Metrics: counted, Reject: func(sample.Rejections) {},
	})
	for i := range nodes {
		c.Set(&cluster.Node{Name: fleet.NodeName("node", i)})
	}
	ctx, cancel := context.WithTimeout(b.Context(), rounds*interval)
	defer cancel()
	if err := c.Start(ctx); err != nil {
		b.Fatal(err)
	}
	if n := c.Serving(); n != nodes {
		b.Errorf("%d nodes were read, want %d", n, nodes)
	}
}

// podsOf are the names of the pods of a namespace.
func podsOf(ns int) (names []string) {
	for i := range nodes {
		for j := ns; j < pods; j += namespaces {
			names = append(names, podName(i, j))
		}
	}
	return names
}

// askForPods asks the queries that prometheus-adapter makes of the configuration in its own manifests when it is asked for these pods of a namespace, whether by
// their names, by a label or for all.
func askForPods(b *testing.B, address string, ns int, names []string) {
	b.Helper()
	matchers := fmt.Sprintf(`namespace=%q,pod=~%q`, namespaceOf(ns), strings.Join(names, "|"))
	ask(b, address, `sum by (pod,container) (irate (container_cpu_usage_seconds_total{`+matchers+`,container!="",pod!=""}[4m]))`)
	ask(b, address, `sum by (pod,container) (container_memory_working_set_bytes{`+matchers+`,container!="",pod!=""})`)
}

// askForNodes is askForPods for nodes.
func askForNodes(b *testing.B, address string, names []string) {
	b.Helper()
	matchers := fmt.Sprintf(`node=~%q`, strings.Join(names, "|"))
	ask(b, address, `sum by (node) (irate(node_cpu_usage_seconds_total{`+matchers+`}[4m]))`)
	ask(b, address, `sum by (node) (node_memory_working_set_bytes{`+matchers+`})`)
}

func ask(b *testing.B, address, query string) {
	b.Helper()
	r, err := http.PostForm(address+"/api/v1/query", url.Values{"query": {query}})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Body.Close()
	if n, err := io.Copy(io.Discard, r.Body); err != nil || r.StatusCode != http.StatusOK || n < 1000 {
		b.Fatalf("status %d, %d bytes, %v", r.StatusCode, n, err)
	}
}

var cpuSeconds = regexp.MustCompile(`(?m)^process_cpu_seconds_total (\S+)$`)

// cpuOf is the CPU time that the engine spends while f runs, in seconds.
func cpuOf(b *testing.B, address string, f func()) float64 {
	b.Helper()
	before := cpuNow(b, address)
	f()
	return cpuNow(b, address) - before
}

func cpuNow(b *testing.B, address string) float64 {
	b.Helper()
	r, err := http.Get(address + "/metrics")
	if err != nil {
		b.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		b.Fatal(err)
	}
	found := cpuSeconds.FindSubmatch(text)
	if found == nil {
		b.Fatal("the engine does not count its CPU time")
	}
	seconds, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return seconds
}
