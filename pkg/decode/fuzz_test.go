package decode

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	stats "k8s.io/kubelet/pkg/apis/stats/v1alpha1"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// FuzzResource checks the invariants of a sample on any body, and the values on every body that the text format's own
// parser accepts (expfmt, which shares no code with the one that ResourceDecoder uses).
func FuzzResource(f *testing.F) {
	for _, path := range fixtures(f, "*.prom") {
		f.Add(read(f, path))
	}
	f.Add([]byte(text(cpuOfC+"1 -62135596800000", memoryOfC+"1e19", swapOfC+"NaN")))
	f.Add([]byte(text(cpuOfC+"1.0000000019 2000", startOfC+"1.7858304110921e+09")))
	f.Add([]byte(text(`container_cpu_usage_seconds_total{container="c`, `node_memory_working_set_bytes "} 1`)))
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := resource(body)
		checkDecoded(t, body, resource, n, err)
		checkDecoder(t, body, body)
		if err != nil || n.Rejected[sample.Malformed] > 0 {
			return
		}
		if want, ok := expositionReadings(body); ok {
			got := readings(n)
			if n.Rejected[sample.TooLong]+n.Rejected[sample.TooMany] > 0 { // expfmt has no such bounds: it reads these as well.
				maps.DeleteFunc(want, func(at place, _ sample.Reading) bool { return got[at] == sample.Reading{} })
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("not what expfmt reads (-want +got):\n%s", diff)
			}
		}
	})
}

// FuzzResourceDecoder checks that what a decoder has seen before changes nothing about what it makes of a body.
func FuzzResourceDecoder(f *testing.F) {
	paths := fixtures(f, "*.prom")
	for i, path := range paths {
		f.Add(read(f, path), read(f, paths[(i+1)%len(paths)]))
	}
	for _, pair := range fastPathPairs {
		if len(pair.after) > 10_000 {
			continue // What is long slows the fuzzer down; the test has it.
		}
		f.Add([]byte(pair.before), []byte(pair.after))
	}
	f.Fuzz(func(t *testing.T, before, after []byte) { checkDecoder(t, before, after) })
}

// checkDecoder has a decoder decode one body after another, and a third time the first, into one sample.
func checkDecoder(t *testing.T, before, after []byte) {
	t.Helper()
	d := ResourceDecoder{Extra: sample.AllResources}
	var n sample.Node
	ended := false
	for i, body := range [][]byte{before, after, after, before} {
		want, wantErr := resource(body)
		if wantErr == nil {
			if !hasGauge(body) && ended {
				want, wantErr = sample.Node{}, errWithoutGauge
			}
			ended = ended || hasGauge(body)
		}
		err := d.Decode(t.Context(), body, &n)
		got := n
		if err != nil {
			got = sample.Node{}
		}
		if diff := cmp.Diff(render(want, wantErr), render(got, err)); diff != "" {
			t.Fatalf("body %d decodes in another way by itself (-) and after the others (+):\n%s", i, diff)
		}
	}
}

var errWithoutGauge = fmt.Errorf("%w: the metric resource_scrape_error is missing, which the response before had", ErrTruncated)

// hasGauge is true for a body that can be used and has the gauge with which kubelets end.
func hasGauge(body []byte) bool {
	read, err := readResource(context.Background(), body, names{}, everything{}, sample.AllResources)
	return err == nil && (read.health.seen || read.oldHealth.seen)
}

// FuzzSummary checks the invariants of a sample on any body, and the readings on every body that the kubelet's own types
// can take.
func FuzzSummary(f *testing.F) {
	for _, path := range fixtures(f, "*.json") {
		f.Add(read(f, path))
	}
	f.Add([]byte(`{"node":{"nodeName":"x","cpu":{"time":"2026-08-05T10:00:00Z","usageNanoCores":-1}},"pods":[{},{"podRef":{"name":"p","namespace":"n"}}]}`))
	f.Add([]byte(`{"node":{"cpu":{"psi":{"some":{"avg10":0.53,"avg60":100.01},"full":{"avg10":-1,"avg60":"1"}}},"memory":{"psi":{"some":{"avg10":1e2},"full":null}}}}`))
	f.Add([]byte(`{"node":{"nodeName":"x","network":{"rxBytes":7},"fs":{"usedBytes":5}},"pods":[{"podRef":{"name":"p","namespace":"n"},"network":{"rxBytes":1e3},"containers":[{"name":"c","logs":{"usedBytes":1}}]}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := summary(body)
		checkDecoded(t, body, summary, n, err)
		var want stats.Summary
		if err == nil && json.Unmarshal(body, &want) == nil {
			checkAgainstKubeletTypes(t, want, n)
			checkDetails(t, body, want)
		}
	})
}

// checkDetails compares what is read of the node and its pods with the kubelet's own types.
func checkDetails(t *testing.T, body []byte, want stats.Summary) {
	n, err := detailsDecoder.decode(t.Context(), body)
	if err != nil {
		return // It has none.
	}
	compare := func(what string, d *sample.Details, of *stats.NetworkStats) {
		if d != nil && d.Received.Known && (of == nil || of.RxBytes == nil || *of.RxBytes != d.Received.Value) {
			t.Errorf("%s has received %d, and not %+v", what, d.Received.Value, of)
		}
	}
	compare("the node", n.Details, want.Node.Network)
	if len(want.Pods) == 1 && len(n.Pods) == 1 { // Of several pods of one name the newest counts.
		compare("the pod", n.Pods[0].Details, want.Pods[0].Network)
	}
}

// checkDecoded checks what is true of every result.
func checkDecoded(t *testing.T, body []byte, decode func([]byte) (sample.Node, error), n sample.Node, err error) {
	t.Helper()
	again, errAgain := decode(bytes.Clone(body))
	if diff := cmp.Diff(render(n, err), render(again, errAgain)); diff != "" {
		t.Fatalf("decoded twice, two results:\n%s", diff)
	}
	if err != nil {
		if !errors.Is(err, ErrKubelet) && !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrSyntax) && !errors.Is(err, ErrTooMany) && !errors.Is(err, ErrEmpty) {
			t.Errorf("an error of no kind: %v", err)
		}
		if diff := cmp.Diff(sample.Node{}, n); diff != "" {
			t.Errorf("an error and a sample:\n%s", diff)
		}
		return
	}
	checkUsage(t, n.Usage)
	pods := map[podKey]bool{}
	for _, p := range n.Pods {
		key := podKey{p.Namespace, p.Name}
		if p.Namespace == "" || p.Name == "" || pods[key] {
			t.Errorf("pod %q has no name, or has it twice", key)
		}
		pods[key] = true
		names := map[string]bool{}
		for _, c := range p.Containers {
			if !isContainer([]byte(c.Name)) || names[c.Name] {
				t.Errorf("container %q of %q is none, or is there twice", c.Name, key)
			}
			names[c.Name] = true
			checkUsage(t, c.Usage)
		}
	}
}

func checkUsage(t *testing.T, u sample.Usage) {
	t.Helper()
	if u.Start != 0 && u.Start <= earliestStart*nanosPerSecond {
		t.Errorf("start time %d", u.Start)
	}
	all := []sample.Reading{u.CPU, u.Memory, u.Rate}
	for i, x := range u.Extra {
		if !x.Known || i > 0 && x.Resource <= u.Extra[i-1].Resource || x.Resource.Info().Unit == sample.Millionths && x.Value > 1e6 {
			t.Errorf("extra readings %+v", u.Extra)
		}
		all = append(all, x.Reading)
	}
	for _, r := range all {
		if r.Value > math.MaxInt64 || r.Time < 0 || !r.Known && r != (sample.Reading{Rejected: r.Rejected}) {
			t.Errorf("reading %+v", r)
		}
	}
}

// checkAgainstKubeletTypes compares those pods and containers that are there once.
func checkAgainstKubeletTypes(t *testing.T, want stats.Summary, got sample.Node) {
	t.Helper()
	checkStats(t, want.Node.CPU, want.Node.Memory, want.Node.Swap, got.Usage)
	byName := map[podKey][]stats.PodStats{}
	for _, p := range want.Pods {
		key := podKey{p.PodRef.Namespace, p.PodRef.Name}
		byName[key] = append(byName[key], p)
	}
	for _, p := range got.Pods {
		same := byName[podKey{p.Namespace, p.Name}]
		if len(same) == 0 {
			t.Fatalf("pod %q is not in the body", p.Name)
		}
		if len(same) > 1 {
			continue
		}
		for _, c := range p.Containers {
			checkContainer(t, same[0].Containers, c)
		}
	}
}

func checkContainer(t *testing.T, all []stats.ContainerStats, got sample.Container) {
	t.Helper()
	var same []stats.ContainerStats
	for _, c := range all {
		if c.Name == got.Name {
			same = append(same, c)
		}
	}
	if len(same) == 1 {
		checkStats(t, same[0].CPU, same[0].Memory, same[0].Swap, got.Usage)
	} else if len(same) == 0 {
		t.Errorf("container %q is not in the body", got.Name)
	}
}

func checkStats(t *testing.T, cpu *stats.CPUStats, memory *stats.MemoryStats, swap *stats.SwapStats, got sample.Usage) {
	t.Helper()
	if cpu != nil {
		checkReading(t, cpu.UsageCoreNanoSeconds, cpu.Time.Time, got.CPU)
		checkReading(t, cpu.UsageNanoCores, cpu.Time.Time, got.Rate)
		checkPSI(t, cpu.PSI, cpu.Time.Time, got.Extra, sample.CPUPressureSome10s, sample.CPUPressureSome60s, sample.CPUPressureFull10s, sample.CPUPressureFull60s)
	}
	if memory != nil {
		used := memory.WorkingSetBytes
		if used == nil {
			used = memory.UsageBytes
		}
		checkReading(t, used, memory.Time.Time, got.Memory)
		checkPSI(t, memory.PSI, memory.Time.Time, got.Extra, sample.MemoryPressureSome10s, sample.MemoryPressureSome60s, sample.MemoryPressureFull10s, sample.MemoryPressureFull60s)
	}
	if swap != nil {
		checkReading(t, swap.SwapUsageBytes, swap.Time.Time, got.Extra.Get(sample.Swap))
	}
}

// checkPSI compares averages in percent with shares in millionths. The kubelet's types cannot distinguish an average of 0 from a missing one.
func checkPSI(t *testing.T, psi *stats.PSIStats, at time.Time, got sample.ExtraReadings, some10, some60, full10, full60 sample.Resource) {
	t.Helper()
	if psi == nil {
		psi = &stats.PSIStats{}
	}
	for r, percent := range map[sample.Resource]float64{
		some10: psi.Some.Avg10, some60: psi.Some.Avg60, full10: psi.Full.Avg10, full60: psi.Full.Avg60,
	} {
		value := uint64(math.MaxUint64) // is in no range
		if percent >= 0 && percent <= 100 {
			value = uint64(math.Round(percent * 1e4))
		}
		if reading := got.Get(r); reading.Known || percent != 0 {
			checkReading(t, &value, at, reading)
		}
	}
}

func checkReading(t *testing.T, value *uint64, at time.Time, got sample.Reading) {
	t.Helper()
	var want sample.Reading
	inRange := at.IsZero() || at.After(time.Unix(0, 0)) && at.Before(time.Unix(0, math.MaxInt64).Add(-time.Second))
	if value != nil && *value <= math.MaxInt64 && inRange {
		want = sample.Reading{Value: *value, Known: true}
		if !at.IsZero() {
			want.Time = at.UnixNano()
		}
	}
	got.Rejected = sample.NotRejected
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("not what the kubelet's types read (-want +got):\n%s", diff)
	}
}
