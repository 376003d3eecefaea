package fleet

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
)

// examplePods are a few pods whose series have an order and whose values have every form.
func examplePods() []Pod {
	return []Pod{
		{Namespace: "shop", Name: "web-1", UID: "7b0f9f1e", Containers: []Container{
			{Name: "web", Start: epoch.Add(-2 * time.Hour), CPU: 0.25, Memory: 64 << 20, Swap: 1 << 20},
			{Name: "mesh-proxy", Start: epoch.Add(-2*time.Hour + 1500*time.Millisecond), CPU: 0.005, Memory: 999_999},
		}},
		{Namespace: "batch", Name: "worker", UID: "1c0d", Containers: []Container{
			{Name: "web", Start: epoch.Add(-time.Minute), CPU: 1.5, Memory: 1 << 30},
		}},
		{Namespace: "batch", Name: `odd"\name`, UID: "<&>", Containers: []Container{{Name: "idle"}}},
	}
}

func renderText(f *Fleet, swap bool, wanted ...string) string {
	p := f.pages.get()
	defer f.pages.put(p)
	p.text(f.nodes[0], f.now(), selection{swap: swap, wanted: wanted})
	return string(p.body)
}

func TestText(t *testing.T) {
	tests := []struct {
		file     string
		pods     []Pod
		readings Readings
		swap     bool
		wanted   []string
	}{
		{file: "resource.prom", pods: examplePods()},
		{file: "resource-housekeeping.prom", pods: examplePods(), readings: Housekeeping},
		{file: "resource-swap.prom", pods: examplePods(), swap: true},
		{file: "resource-empty.prom"},
		{file: "resource-wanted.prom", pods: examplePods(), wanted: []string{"container_cpu_usage_seconds_total", "resource_scrape_error"}},
	}
	for _, test := range tests {
		t.Run(test.file, func(t *testing.T) {
			f, clock := newFleet(t, Options{Readings: test.readings})
			for _, pod := range test.pods {
				addPod(t, f, "node-0001", pod)
			}
			clock.Step(30*time.Second + 1234567*time.Nanosecond)
			got := renderText(f, test.swap, test.wanted...)
			golden(t, test.file, []byte(got))
			parseText(t, got)
		})
	}
}

// parseText checks that a Prometheus parser accepts a body, that its families and series are in order, and returns the values.
func parseText(t *testing.T, body string) map[string]float64 {
	t.Helper()
	parser, err := textparse.New([]byte(body), contentTypeText, labels.NewSymbolTable(), textparse.ParserOptions{})
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	previous := ""
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			return values
		}
		if err != nil {
			t.Fatalf("after %q: %v", previous, err)
		}
		if entry != textparse.EntrySeries {
			continue
		}
		series, at, value := parser.Series()
		name, _, _ := strings.Cut(string(series), "{")
		if family, _, _ := strings.Cut(previous, "{"); family > name {
			t.Errorf("%s follows %s", name, family)
		}
		untimed := name == "container_start_time_seconds" || name == "resource_scrape_error"
		if timed := at != nil; timed == untimed {
			t.Errorf("series %s has a timestamp: %v", series, timed)
		}
		previous = string(series)
		values[previous] = value
	}
}

func TestTextRowsAreSorted(t *testing.T) {
	f, _ := newFleet(t, Options{})
	for _, pod := range examplePods() {
		addPod(t, f, "node-0001", pod)
	}
	var rows []string
	for line := range strings.Lines(renderText(f, false)) {
		if rest, ok := strings.CutPrefix(line, "container_memory_working_set_bytes"); ok {
			rows = append(rows, rest[:strings.Index(rest, "} ")+1])
		}
	}
	want := []string{
		`{container="idle",namespace="batch",pod="odd\"\\name"}`,
		`{container="mesh-proxy",namespace="shop",pod="web-1"}`,
		`{container="web",namespace="batch",pod="worker"}`,
		`{container="web",namespace="shop",pod="web-1"}`,
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// TestTextSums checks that pods are the sum of their containers, and the node of its pods and the base load.
func TestTextSums(t *testing.T) {
	f, clock := newFleet(t, Options{BaseCPU: 0.5, BaseMemory: 1 << 30})
	addPod(t, f, "node-0001", examplePods()[0])
	clock.Step(10 * time.Second)
	got := parseText(t, renderText(f, false))
	want := map[string]float64{
		`container_cpu_usage_seconds_total{container="web",namespace="shop",pod="web-1"}`:         1802.5,
		`container_cpu_usage_seconds_total{container="mesh-proxy",namespace="shop",pod="web-1"}`:  36.0425,
		`pod_cpu_usage_seconds_total{namespace="shop",pod="web-1"}`:                               1838.5425,
		`node_cpu_usage_seconds_total`:                                                            10 * (0.5 + 0.255),
		`container_memory_working_set_bytes{container="web",namespace="shop",pod="web-1"}`:        64 << 20,
		`container_memory_working_set_bytes{container="mesh-proxy",namespace="shop",pod="web-1"}`: 999_999,
		`pod_memory_working_set_bytes{namespace="shop",pod="web-1"}`:                              64<<20 + 999_999,
		`node_memory_working_set_bytes`:                                                           1<<30 + 64<<20 + 999_999,
		`container_start_time_seconds{container="web",namespace="shop",pod="web-1"}`:              float64(epoch.Unix()) - 7200,
		`container_start_time_seconds{container="mesh-proxy",namespace="shop",pod="web-1"}`:       float64(epoch.Unix()) - 7198.5,
		`resource_scrape_error`: 0,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

// fullNode has 30 pods of two containers.
func fullNode(t testing.TB) *Fleet {
	f, clock := newFleet(t, Options{Readings: Housekeeping})
	for i := range 30 {
		addPod(t, f, "node-0001", Pod{Namespace: "default", Name: fmt.Sprintf("web-6d5f7c9b84-%05d", i), UID: fmt.Sprintf("7b0f9f1e-3b58-4a0b-9a26-%012d", i), Containers: []Container{
			{Name: "web", CPU: 0.123 + float64(i)/100, Memory: 64<<20 + uint64(i)<<12},
			{Name: "proxy", CPU: 0.007, Memory: 32 << 20},
		}})
	}
	clock.Step(time.Hour)
	return f
}

func TestRenderingAllocatesNothing(t *testing.T) {
	f := fullNode(t)
	p := &page{}
	allocations := testing.AllocsPerRun(100, func() {
		p.body = p.body[:0]
		p.text(f.nodes[0], f.now(), selection{})
		p.summary(f.nodes[0], summary{now: f.now(), memory: 1 << 35})
	})
	if allocations != 0 {
		t.Errorf("rendering allocates %g times, want 0", allocations)
	}
}

func BenchmarkText(b *testing.B) {
	f := fullNode(b)
	p := &page{}
	b.ReportAllocs()
	for b.Loop() {
		p.body = p.body[:0]
		p.text(f.nodes[0], f.now(), selection{})
	}
	b.SetBytes(int64(len(p.body)))
}
