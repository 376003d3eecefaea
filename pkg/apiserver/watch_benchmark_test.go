package apiserver_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/registry/nodemetrics"
	"github.com/plimsoll/plimsoll/pkg/registry/podmetrics"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/usage"
	"github.com/plimsoll/plimsoll/pkg/watchcache"
)

const largeNodes, largePods = 1000, 30

// largeCluster has a thousand nodes of thirty pods, whose usage is published by a real store.
type largeCluster struct {
	fakeCluster
	*store.Store
	pods    []*cluster.Pod
	byName  map[string]*cluster.Pod
	samples []*sample.Node
	rounds  uint64
}

func newLargeCluster() *largeCluster {
	c := &largeCluster{byName: map[string]*cluster.Pod{}}
	c.Store = store.New(c, usage.Staleness{MaxAge: time.Hour, Resolution: 15 * time.Second}, clock.RealClock{})
	for n := range largeNodes {
		node := &sample.Node{}
		for p := range largePods {
			pod := &cluster.Pod{
				Namespace: fmt.Sprintf("team-%d", p%10), Name: fmt.Sprintf("node-%04d-%03d", n, p), UID: fmt.Sprintf("c8a5d1f0-0000-4000-8000-%06d%06d", n, p),
				Labels: cluster.NewLabels(map[string]string{"app.kubernetes.io/name": fmt.Sprintf("workload-%d", p), "pod-template-hash": "6d4b75cb6d"}),
				Node:   fmt.Sprintf("node-%04d", n), Phase: corev1.PodRunning, Expected: []string{"app", "proxy"}, Usage: &usage.PodCell{}, Created: 1_700_000_000,
			}
			c.pods = append(c.pods, pod)
			c.byName[pod.Name] = pod
			node.Pods = append(node.Pods, sample.Pod{
				Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID, Containers: []sample.Container{{Name: "app"}, {Name: "proxy"}},
			})
		}
		c.samples = append(c.samples, node)
	}
	return c
}

func (c *largeCluster) Pod(_, name string) (store.Expected, bool) {
	p, ok := c.byName[name]
	if !ok {
		return store.Expected{}, false
	}
	return store.Expected{Node: p.Node, UID: p.UID, Containers: p.Expected, Usage: p.Usage}, true
}

func (c *largeCluster) Node(string) (string, *usage.NodeCell, bool) { return "", nil, false }

// round has every node be scraped once.
func (c *largeCluster) round() {
	c.rounds++
	at := time.Now().Add(-time.Hour).UnixNano() + int64(c.rounds)*int64(15*time.Second)
	used := sample.Usage{
		CPU: sample.Reading{Known: true, Time: at, Value: c.rounds * 123_456_789}, Memory: sample.Reading{Known: true, Time: at, Value: c.rounds << 20},
	}
	for n, node := range c.samples {
		for p := range node.Pods {
			for i := range node.Pods[p].Containers {
				node.Pods[p].Containers[i].Usage = used
			}
		}
		c.Put(store.Identity{Name: fmt.Sprintf("node-%04d", n)}, node)
	}
}

type largePodList struct{ *largeCluster }

func (l largePodList) Get(_, name string) (*cluster.Pod, bool) { p, ok := l.byName[name]; return p, ok }

func (l largePodList) List(context.Context, string, labels.Selector, cache.ObjectName, int) ([]*cluster.Pod, error) {
	return l.pods, nil
}

// handler serves the cluster, with watches that run until the test ends.
func (c *largeCluster) handler(tb testing.TB) http.Handler {
	known := make(chan struct{})
	close(known)
	source := watchcache.Source{Observe: c.Observe, Version: c.Reader().ResourceVersion, Known: known, Resolution: 15 * time.Second}
	config := c.config()
	config.Extra.Home = &apiserver.Readers{
		Usage: c.Reader(), Nodes: fakeNodes{}, NodeMessages: nodeMessages{}, Pods: largePodList{c}, PodMessages: podMessages{},
		NodeWatches: nodemetrics.NewWatchCache(fakeNodes{}, source), PodWatches: podmetrics.NewWatchCache(largePodList{c}, source),
	}
	server, err := config.Complete().New("test")
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(tb.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = config.Extra.Home.PodWatches.Start(ctx) })
	tb.Cleanup(running.Wait)
	tb.Cleanup(cancel)
	return server.Handler()
}

// eventReader is the client of one watch: it counts events, and wants their versions to rise.
type eventReader struct {
	header        http.Header
	events, bytes atomic.Int64
	// checks has the versions be compared; last is the newest.
	checks bool
	last   uint64
	wrong  atomic.Int64
}

func (r *eventReader) Header() http.Header      { return r.header }
func (r *eventReader) WriteHeader(int)          {}
func (r *eventReader) Flush()                   {}
func (r *eventReader) CloseNotify() <-chan bool { return nil }

func (r *eventReader) Write(p []byte) (int, error) {
	if r.checks {
		for line := range bytes.Lines(p) {
			_, text, _ := bytes.Cut(line, []byte(`"resourceVersion":"`))
			text, _, _ = bytes.Cut(text, []byte(`"`))
			version, err := strconv.ParseUint(string(text), 10, 53)
			if err != nil || version <= r.last {
				r.wrong.Add(1)
			}
			r.last = version
		}
	}
	r.events.Add(int64(bytes.Count(p, []byte("\n"))))
	r.bytes.Add(int64(len(p)))
	return len(p), nil
}

// watchPods begins so many watches of all pods, and returns when each has had the first event of every pod.
func (c *largeCluster) watchPods(b *testing.B, h http.Handler, n int, checks bool) []*eventReader {
	readers := make([]*eventReader, n)
	ctx, cancel := context.WithCancel(b.Context())
	var running sync.WaitGroup
	for i := range readers {
		readers[i] = &eventReader{header: http.Header{}, checks: checks}
		request := httptest.NewRequestWithContext(ctx, http.MethodGet, apisMetrics+"v1/pods?watch=true", nil)
		request.Header.Set("Accept", asJSON)
		running.Go(func() { h.ServeHTTP(readers[i], request) })
	}
	b.Cleanup(running.Wait)
	b.Cleanup(cancel)
	for _, r := range readers {
		r.await(b, largeNodes*largePods)
	}
	return readers
}

func (r *eventReader) await(b *testing.B, events int) {
	for end := time.Now().Add(5 * time.Minute); r.events.Load() < int64(events); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			b.Fatalf("%d events, want %d", r.events.Load(), events)
		}
	}
}

// BenchmarkWatch has all nodes of a large cluster be scraped once, and waits until every watcher has every change. The CPU is that of the process, of which
// the round without watchers is that of the store.
func BenchmarkWatch(b *testing.B) {
	for _, watchers := range []int{0, 1, 200} {
		for _, checks := range []bool{false, true} {
			if checks && watchers < 200 {
				continue
			}
			b.Run(fmt.Sprintf("watchers=%d/checked=%t", watchers, checks), func(b *testing.B) {
				c := newLargeCluster()
				h := c.handler(b)
				c.round()
				c.round()
				list := get(b.Context(), h, apisMetrics+"v1/pods", asJSON).Body.Len()
				before, cpu := keptHeap(), cpuTime(b)
				peak := peakHeap()
				readers := c.watchPods(b, h, watchers, checks)
				highest := peak() - before
				begun := cpuTime(b) - cpu
				kept := keptHeap() - before
				events := largeNodes * largePods
				cpu = cpuTime(b)
				for b.Loop() {
					c.round()
					events += largeNodes * largePods
					for _, r := range readers {
						r.await(b, events)
					}
				}
				spent := cpuTime(b) - cpu
				b.ReportMetric(float64(spent.Milliseconds())/float64(b.N), "cpu-ms/round")
				b.ReportMetric(float64(kept)/(1<<20), "MiB-kept")
				b.ReportMetric(float64(highest)/(1<<20), "MiB-peak")
				b.ReportMetric(float64(keptHeap()-before)/(1<<20), "MiB-kept-after")
				if watchers > 0 {
					b.ReportMetric(float64(begun.Nanoseconds())/float64(largeNodes*largePods*watchers), "cpu-ns/first-event")
					b.ReportMetric(4*float64(readers[0].bytes.Load())/float64(events)*largeNodes*largePods/float64(list), "bytes-per-list-a-minute")
					b.ReportMetric(float64(readers[0].bytes.Load())/float64(events), "B/event")
					b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N*largeNodes*largePods*watchers), "cpu-ns/event")
				}
				for i, r := range readers {
					if r.events.Load() != int64(events) || r.wrong.Load() != 0 {
						b.Errorf("watcher %d has %d events, want %d, and %d versions that do not rise", i, r.events.Load(), events, r.wrong.Load())
					}
				}
			})
		}
	}
}

// keptHeap is what is kept in memory, in bytes.
func keptHeap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// peakHeap samples the heap, garbage included, until the result is called, which returns the largest.
func peakHeap() func() int64 {
	done, result := make(chan struct{}), make(chan int64)
	go func() {
		var highest uint64
		for tick := time.NewTicker(50 * time.Millisecond); ; <-tick.C {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			highest = max(highest, m.HeapAlloc)
			select {
			case <-done:
				tick.Stop()
				result <- int64(highest)
				return
			default:
			}
		}
	}()
	return func() int64 { close(done); return <-result }
}

func cpuTime(b *testing.B) time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
