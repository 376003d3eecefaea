package fleet

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	stats "k8s.io/kubelet/pkg/apis/stats/v1alpha1"
)

func renderSummary(f *Fleet, s summary) []byte {
	p := f.pages.get()
	defer f.pages.put(p)
	s.now, s.memory = f.now(), 32<<30
	p.summary(f.nodes[0], s)
	return bytes.Clone(p.body)
}

// decodeSummary checks that a body has the kubelet's own format to the byte: the order of the fields, the indent, the
// times. It accepts no field that the types do not have.
func decodeSummary(t *testing.T, body []byte) stats.Summary {
	t.Helper()
	var s stats.Summary
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		t.Fatal(err)
	}
	again, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(again), string(body)); diff != "" {
		t.Errorf("body differs from what the types write (-types +got):\n%s", diff)
	}
	return s
}

func TestSummary(t *testing.T) {
	tests := []struct {
		file     string
		pods     []Pod
		readings Readings
		summary  summary
	}{
		{file: "summary.json", pods: examplePods()[:2]},
		{file: "summary-brief.json", pods: examplePods(), summary: summary{brief: true}},
		{file: "summary-housekeeping.json", pods: examplePods(), readings: Housekeeping, summary: summary{brief: true}},
		{file: "summary-swap.json", pods: examplePods()[:1], summary: summary{brief: true, swap: true}},
		{file: "summary-pressure.json", pods: examplePods()[:1], summary: summary{brief: true, pressure: true}},
		{file: "summary-empty.json", summary: summary{brief: true}},
		{file: "summary-no-containers.json", pods: []Pod{{Namespace: "batch", Name: "ended"}}, summary: summary{brief: true}},
	}
	for _, test := range tests {
		t.Run(test.file, func(t *testing.T) {
			f, clock := newFleet(t, Options{Readings: test.readings})
			for _, pod := range test.pods {
				addPod(t, f, "node-0001", pod)
			}
			clock.Step(30*time.Second + 1234567*time.Nanosecond)
			got := renderSummary(f, test.summary)
			golden(t, test.file, got)
			decodeSummary(t, got)
		})
	}
}

// TestSummaryAgreesWithText checks that both responses have the same values, but for the summary's whole seconds.
func TestSummaryAgreesWithText(t *testing.T) {
	for _, readings := range []Readings{OnDemand, Housekeeping} {
		t.Run(readings.String(), func(t *testing.T) {
			f, clock := newFleet(t, Options{Readings: readings})
			addPod(t, f, "node-0001", examplePods()[0])
			clock.Step(time.Minute)
			text := parseText(t, renderText(f, false))
			s := decodeSummary(t, renderSummary(f, summary{}))
			got := map[string]float64{
				`node_cpu_usage_seconds_total`:                               float64(*s.Node.CPU.UsageCoreNanoSeconds) / nano,
				`node_memory_working_set_bytes`:                              float64(*s.Node.Memory.WorkingSetBytes),
				`pod_cpu_usage_seconds_total{namespace="shop",pod="web-1"}`:  float64(*s.Pods[0].CPU.UsageCoreNanoSeconds) / nano,
				`pod_memory_working_set_bytes{namespace="shop",pod="web-1"}`: float64(*s.Pods[0].Memory.WorkingSetBytes),
			}
			for _, c := range s.Pods[0].Containers {
				labels := `{container="` + c.Name + `",namespace="shop",pod="web-1"}`
				got["container_cpu_usage_seconds_total"+labels] = float64(*c.CPU.UsageCoreNanoSeconds) / nano
				got["container_memory_working_set_bytes"+labels] = float64(*c.Memory.WorkingSetBytes)
			}
			for series, value := range got {
				if text[series] != value {
					t.Errorf("%s is %g in the text and %g in the summary", series, text[series], value)
				}
			}
		})
	}
}

func TestSummaryHasNoRateWithoutTwoReadings(t *testing.T) {
	f, clock := newFleet(t, Options{})
	addPod(t, f, "node-0001", webPod("a", 0.5, 1))
	rate := func() *uint64 {
		return decodeSummary(t, renderSummary(f, summary{})).Pods[0].Containers[0].CPU.UsageNanoCores
	}
	if got := rate(); got != nil {
		t.Errorf("the rate at the start is %d, want none", *got)
	}
	clock.Step(time.Second)
	if got := rate(); got == nil || *got != nano/2 {
		t.Errorf("the rate after a second is %v, want half a core", got)
	}
}

func TestTimesAreWholeSecondsInUTC(t *testing.T) {
	local := time.Local
	t.Cleanup(func() { time.Local = local })
	time.Local = time.FixedZone("elsewhere", 3600)
	w := indented{first: true}
	w.time("time", epoch.UnixNano()+nano-1)
	if diff := cmp.Diff("\n\"time\": \"2026-08-05T10:00:00Z\"", string(w.b)); diff != "" {
		t.Errorf("time (-want +got):\n%s", diff)
	}
}

func BenchmarkSummary(b *testing.B) {
	f := fullNode(b)
	p := &page{}
	b.ReportAllocs()
	for b.Loop() {
		p.body = p.body[:0]
		p.summary(f.nodes[0], summary{now: f.now(), memory: 1 << 35, brief: true})
	}
	b.SetBytes(int64(len(p.body)))
}
