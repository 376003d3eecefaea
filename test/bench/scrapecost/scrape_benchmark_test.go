package scrapecost

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/component-base/metrics"
	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/address"
	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/scrape"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// BenchmarkScrape has the scraper scrape kubelets, spread over the resolution as ever, and counts what that costs this process: CPU, user and
// system, and allocations. An operation is one scrape. Nothing is done with the samples.
func BenchmarkScrape(b *testing.B) {
	hosts := startFleet(b)
	config := &rest.Config{BearerToken: "secret"}
	memory := kubelet.NewMemory(func() int64 { return math.MaxInt64 })
	owned, err := kubelet.NewClient(kubelet.Config{InsecureTLS: true, Policy: address.Policy{AllowLocal: true}}, config, memory)
	if err != nil {
		b.Fatal(err)
	}
	config.TLSClientConfig = rest.TLSClientConfig{Insecure: true, NextProtos: []string{"http/1.1"}}
	config.DisableCompression = true
	pooled, err := rest.HTTPClientFor(config)
	if err != nil {
		b.Fatal(err)
	}
	defer pooled.CloseIdleConnections()
	shared := kubelet.NewClientThrough(memory, func(*kubelet.Conn) http.RoundTripper { return pooled.Transport })
	nothing := stateless(func(context.Context, []byte, *sample.Node) error { return nil })
	anew := stateless(func(ctx context.Context, body []byte, n *sample.Node) error {
		return new(decode.ResourceDecoder).Decode(ctx, body, n)
	})
	again := func() scrape.Decoder { return new(decode.ResourceDecoder) }
	disks := stateless(decode.SummaryDecoder{Extra: sample.ResourcesOf(sample.EphemeralStorage), OnlyExtra: true}.Decode)
	details := stateless(decode.SummaryDecoder{OnlyExtra: true, Details: true}.Decode)
	for _, way := range []struct {
		name    string
		client  *kubelet.Client
		decoder func() scrape.Decoder
		path    string
	}{
		{"net-http/nothing", shared, nothing.forEachNode, target.ResourcePath},
		{"owned/nothing", owned, nothing.forEachNode, target.ResourcePath},
		{"net-http/anew", shared, anew.forEachNode, target.ResourcePath},
		{"owned/again", owned, again, target.ResourcePath},
		{"full-summary/disks", owned, disks.forEachNode, target.FullSummaryPath},
		{"full-summary/details", owned, details.forEachNode, target.FullSummaryPath},
	} {
		b.Run(way.name, func(b *testing.B) {
			measure(b, hosts, way.path, scrape.Source{Client: way.client, Timeout: time.Minute, Resolution: resolution, NewDecoder: way.decoder})
		})
	}
}

// stateless is a decoder without memory.
type stateless func(ctx context.Context, body []byte, n *sample.Node) error

func (s stateless) Decode(ctx context.Context, body []byte, n *sample.Node) error {
	return s(ctx, body, n)
}

func (s stateless) forEachNode() scrape.Decoder { return s }

func measure(b *testing.B, hosts []string, path string, source scrape.Source) {
	s := &countingStore{}
	m, err := scrape.NewMetrics(func(metrics.Registerable) error { return nil })
	if err != nil {
		b.Fatal(err)
	}
	manager := scrape.NewManager(scrape.Config{Sources: []scrape.Source{source}, Store: s, Pods: noPods{}, Metrics: m})
	for i, host := range hosts {
		manager.Set(target.Target{Node: fmt.Sprintf("node-%04d", i), URL: "https://" + host + path})
	}
	ctx, cancel := context.WithCancel(klog.NewContext(b.Context(), klog.Logger{}))
	var wg sync.WaitGroup
	wg.Go(func() { _ = manager.Start(ctx) })
	defer wg.Wait()
	defer cancel()
	// The first scrapes make connections, the second fill the buffers that are kept.
	s.wait(b, 2*nodes)
	runtime.GC()
	before, failed := s.puts.Load(), s.failed.Load()
	var allocated, after runtime.MemStats
	runtime.ReadMemStats(&allocated)
	b.ResetTimer()
	costs := s.costs(b, before+int64(b.N))
	b.StopTimer()
	runtime.ReadMemStats(&after)
	scrapes := float64(s.puts.Load() - before)
	b.ReportMetric(costs[0], "cpu-µs/scrape")
	b.ReportMetric(costs[len(costs)/2], "median-cpu-µs/scrape")
	b.ReportMetric(float64(after.Mallocs-allocated.Mallocs)/scrapes, "allocs/scrape")
	b.ReportMetric(float64(after.TotalAlloc-allocated.TotalAlloc)/scrapes, "B/scrape")
	if failed = s.failed.Load() - failed; failed > 0 {
		b.Errorf("%d scrapes failed", failed)
	}
}

// window is after how many scrapes the CPU is read. On a machine that does other work too the best window is nearest to the truth.
const window = 50

// costs are the CPU in microseconds of a scrape, in each window until there were so many scrapes, lowest first.
func (s *countingStore) costs(b *testing.B, until int64) (costs []float64) {
	for s.puts.Load() < until || len(costs) == 0 {
		scrapes, cpu := s.puts.Load(), used(b)
		s.wait(b, scrapes+window)
		costs = append(costs, float64((used(b)-cpu).Microseconds())/float64(s.puts.Load()-scrapes))
	}
	slices.Sort(costs)
	return costs
}

// used is the CPU time of this process.
func used(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// countingStore counts its calls.
type countingStore struct{ puts, failed atomic.Int64 }

func (s *countingStore) Put(store.Identity, *sample.Node) store.PutResult {
	s.puts.Add(1)
	return store.PutResult{}
}
func (s *countingStore) PutKubeletRates(store.Identity, *sample.Node) int { return 0 }

func (s *countingStore) MatchPods(store.Identity) store.PutResult { return store.PutResult{} }
func (s *countingStore) PutExtra(store.Identity, sample.Endpoint, *sample.Node, time.Duration) sample.Rejections {
	return sample.Rejections{}
}
func (s *countingStore) Fail(string)   { s.failed.Add(1) }
func (s *countingStore) Delete(string) {}

func (s *countingStore) wait(b *testing.B, puts int64) {
	for s.puts.Load() < puts {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-b.Context().Done():
			return
		}
	}
}

type noPods struct{}

func (noPods) Running(string) bool { return false }
