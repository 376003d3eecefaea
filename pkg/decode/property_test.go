package decode

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	stats "k8s.io/kubelet/pkg/apis/stats/v1alpha1"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// TestFormatsAgree writes one sample in both formats and wants it back from both decoders.
func TestFormatsAgree(t *testing.T) {
	for seed := range uint64(200) {
		want := randomNode(rand.New(rand.NewPCG(seed, 0)))
		got, err := summary(asSummary(t, want))
		if err != nil {
			t.Fatalf("seed %d: Summary: %v", seed, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d: summary (-want +got):\n%s", seed, diff)
		}
		got, err = resource(asText(want))
		if err != nil {
			t.Fatalf("seed %d: Resource: %v", seed, err)
		}
		if diff := cmp.Diff(render(inTextOrder(want), nil), render(got, nil)); diff != "" {
			t.Fatalf("seed %d: resource (-want +got):\n%s", seed, diff)
		}
	}
}

// randomNode makes a node in which each container has a reading, so that the text format can contain it.
func randomNode(r *rand.Rand) sample.Node {
	n := sample.Node{Usage: randomUsage(r)}
	for i := range 1 + r.IntN(20) {
		p := sample.Pod{Namespace: fmt.Sprint("ns\\", r.IntN(3)), Name: fmt.Sprintf("pod \"%d\"", i), UID: fmt.Sprint(r.Uint64())}
		for j := range 1 + r.IntN(4) {
			p.Containers = append(p.Containers, sample.Container{Name: fmt.Sprint("c\n", j), Usage: randomUsage(r)})
		}
		n.Pods = append(n.Pods, p)
	}
	return n
}

func randomUsage(r *rand.Rand) sample.Usage {
	u := sample.Usage{
		CPU:    randomReading(r, 1<<50), // thirteen core-days; a float64 of seconds distinguishes nanoseconds up to there
		Memory: randomReading(r, 1<<40),
		Rate:   randomReading(r, 1<<40),
	}
	u.Memory.Known = true
	u.Rate.Time = u.CPU.Time
	if r.IntN(4) > 0 {
		u.Start = (1_700_000_000 + r.Int64N(1e8)) * 1e9
	}
	swap := randomReading(r, 1<<40)
	for _, reading := range []*sample.Reading{&u.CPU, &u.Memory, &u.Rate} {
		if !reading.Known {
			*reading = sample.Reading{}
		}
	}
	u.Extra = u.Extra.Set(sample.Swap, swap)
	if u.CPU.Known || u.Rate.Known {
		u.Extra = withPressure(r, u.Extra, cpuPressure, max(u.CPU.Time, u.Rate.Time))
	}
	if r.IntN(4) > 0 {
		u.Extra = withPressure(r, u.Extra, memoryPressure, u.Memory.Time)
	}
	return u
}

// withPressure adds shares of time as the kernel gives them: percent with two decimals.
func withPressure(r *rand.Rand, e sample.ExtraReadings, resources sample.ResourceSet, at int64) sample.ExtraReadings {
	for x := range resources.All() {
		e = e.Set(x, sample.Reading{Value: r.Uint64N(100_00+1) * 100, Time: at, Known: true})
	}
	return e
}

func randomReading(r *rand.Rand, bound uint64) sample.Reading {
	reading := sample.Reading{Value: r.Uint64N(bound), Known: r.IntN(4) > 0}
	if r.IntN(4) > 0 {
		reading.Time = (1_700_000_000 + r.Int64N(1e8)) * 1e9
	}
	return reading
}

// asText writes a sample as a kubelet writes /metrics/resource, less the order.
func asText(n sample.Node) []byte {
	var out strings.Builder
	metric := func(name, labels string, r sample.Reading, perUnit float64) {
		if !r.Known {
			return
		}
		fmt.Fprintf(&out, "%s%s %g", name, labels, float64(r.Value)/perUnit)
		if r.Time != 0 {
			fmt.Fprintf(&out, " %d", r.Time/1e6)
		}
		out.WriteByte('\n')
	}
	usage := func(of, labels string, u sample.Usage) {
		metric(of+"_memory_working_set_bytes", labels, u.Memory, 1)
		metric(of+"_cpu_usage_seconds_total", labels, u.CPU, 1e9)
		metric(of+"_swap_usage_bytes", labels, u.Extra.Get(sample.Swap), 1)
	}
	out.WriteString("# HELP resource_scrape_error [STABLE] 1 if there was an error\n# TYPE resource_scrape_error gauge\nresource_scrape_error 0\n")
	usage("node", "", n.Usage)
	for _, p := range n.Pods {
		for _, c := range p.Containers {
			labels := fmt.Sprintf("{container=%s,namespace=%s,pod=%s}", quote(c.Name), quote(p.Namespace), quote(p.Name))
			usage("container", labels, c.Usage)
			metric("container_start_time_seconds", labels, sample.Reading{Value: uint64(c.Start), Known: c.Start != 0}, 1e9)
		}
	}
	return []byte(out.String())
}

func quote(label string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(label) + `"`
}

// inTextOrder is what the text format keeps of a sample.
func inTextOrder(n sample.Node) sample.Node {
	strip := func(u sample.Usage) sample.Usage {
		u.Rate, u.Extra = sample.Reading{}, sample.ExtraReadings(nil).Set(sample.Swap, u.Extra.Get(sample.Swap))
		return u
	}
	out := sample.Node{Usage: strip(n.Usage)}
	out.Start = 0
	for _, p := range n.Pods {
		kept := sample.Pod{Namespace: p.Namespace, Name: p.Name}
		for _, c := range p.Containers {
			kept.Containers = append(kept.Containers, sample.Container{Name: c.Name, Usage: strip(c.Usage)})
		}
		out.Pods = append(out.Pods, kept)
	}
	return out
}

// asSummary writes a sample as a kubelet writes /stats/summary, with the kubelet's own types.
func asSummary(t testing.TB, n sample.Node) []byte {
	t.Helper()
	node := asContainerStats("", n.Usage)
	s := stats.Summary{Node: stats.NodeStats{NodeName: "x", StartTime: node.StartTime, CPU: node.CPU, Memory: node.Memory, Swap: node.Swap}}
	for _, p := range n.Pods {
		pod := stats.PodStats{PodRef: stats.PodReference{Name: p.Name, Namespace: p.Namespace, UID: p.UID}}
		for _, c := range p.Containers {
			pod.Containers = append(pod.Containers, asContainerStats(c.Name, c.Usage))
		}
		s.Pods = append(s.Pods, pod)
	}
	body, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func asContainerStats(name string, u sample.Usage) stats.ContainerStats {
	c := stats.ContainerStats{Name: name, StartTime: asTime(u.Start)}
	if u.CPU.Known || u.Rate.Known {
		c.CPU = &stats.CPUStats{
			Time:                 asTime(max(u.CPU.Time, u.Rate.Time)),
			UsageCoreNanoSeconds: asPointer(u.CPU),
			UsageNanoCores:       asPointer(u.Rate),
			PSI:                  asPSI(u.Extra, sample.CPUPressureSome10s, sample.CPUPressureSome60s, sample.CPUPressureFull10s, sample.CPUPressureFull60s),
		}
	}
	if u.Memory.Known {
		rss := u.Memory.Value / 2
		c.Memory = &stats.MemoryStats{Time: asTime(u.Memory.Time), WorkingSetBytes: asPointer(u.Memory), RSSBytes: &rss, PageFaults: &rss}
		if u.Extra.Get(sample.MemoryPressureSome10s).Known {
			c.Memory.PSI = asPSI(u.Extra, sample.MemoryPressureSome10s, sample.MemoryPressureSome60s, sample.MemoryPressureFull10s, sample.MemoryPressureFull60s)
		}
	}
	if swap := u.Extra.Get(sample.Swap); swap.Known {
		c.Swap = &stats.SwapStats{Time: asTime(swap.Time), SwapUsageBytes: asPointer(swap)}
	}
	return c
}

// asPSI writes averages in percent.
func asPSI(e sample.ExtraReadings, some10, some60, full10, full60 sample.Resource) *stats.PSIStats {
	percent := func(r sample.Resource) float64 { return float64(e.Get(r).Value) / millionthsPerPercent }
	return &stats.PSIStats{
		Some: stats.PSIData{Avg10: percent(some10), Avg60: percent(some60)},
		Full: stats.PSIData{Avg10: percent(full10), Avg60: percent(full60)},
	}
}

func asPointer(r sample.Reading) *uint64 {
	if !r.Known {
		return nil
	}
	return &r.Value
}

func asTime(nanos int64) metav1.Time {
	if nanos == 0 {
		return metav1.Time{}
	}
	return metav1.NewTime(time.Unix(0, nanos))
}

// asKubeletText is asText in a kubelet's order: by metric, then by labels.
func asKubeletText(n sample.Node) []byte {
	lines := strings.Split(strings.TrimSpace(string(asText(n))), "\n")
	slices.Sort(lines)
	return []byte(strings.Join(lines, "\n") + "\n")
}
