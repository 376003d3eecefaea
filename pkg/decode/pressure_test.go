package decode

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// The pressure of CPU and of memory.
var (
	cpuPressure = sample.ResourcesOf(sample.CPUPressureFull10s, sample.CPUPressureFull60s,
		sample.CPUPressureSome10s, sample.CPUPressureSome60s)
	memoryPressure = sample.ResourcesOf(sample.MemoryPressureFull10s, sample.MemoryPressureFull60s,
		sample.MemoryPressureSome10s, sample.MemoryPressureSome60s)
)

// TestPercent converts shares of time as the kernel writes them, and as it does not.
func TestPercent(t *testing.T) {
	tests := []struct {
		text      string
		want      uint64
		rejection sample.Rejection
	}{
		{"0", 0, sample.NotRejected},
		{"0.00", 0, sample.NotRejected},
		{"-0.00", 0, sample.NotRejected},
		{"0.01", 100, sample.NotRejected},
		{"0.53", 5300, sample.NotRejected},
		{"1", 10_000, sample.NotRejected},
		{"28.51", 285_100, sample.NotRejected},
		{"5.9e1", 590_000, sample.NotRejected},
		{"99.99", 999_900, sample.NotRejected},
		{"100.00", 1_000_000, sample.NotRejected},
		{"0.00004", 0, sample.NotRejected},
		{"0.00006", 1, sample.NotRejected},
		{"100.01", 0, sample.TooLarge},
		{"1e999", 0, sample.TooLarge},
		{"-0.01", 0, sample.Negative},
		{"-1e999", 0, sample.Negative},
		{`"0.53"`, 0, sample.Malformed},
		{`"NaN"`, 0, sample.Malformed},
		{"true", 0, sample.Malformed},
		{"{}", 0, sample.Malformed},
		{"[1]", 0, sample.Malformed},
		{"0." + strings.Repeat("3", 100), 0, sample.TooLong},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			var got value
			r := jsonReader{Decoder: jsontext.NewDecoder(strings.NewReader(tt.text))}
			if err := r.value(&got, parsePercent); err != nil || got != (value{tt.want, true, tt.rejection}) {
				t.Errorf("got %+v, %v; want %d, %v", got, err, tt.want, tt.rejection)
			}
		})
	}
}

// TestPercentLosesNoDecimal wants every share of time that the kernel can write, exactly.
func TestPercentLosesNoDecimal(t *testing.T) {
	for hundredths := range uint64(100_00 + 1) {
		text := fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100)
		if got, rejection := parsePercent([]byte(text)); got != 100*hundredths || rejection != sample.NotRejected {
			t.Fatalf("%s %% is %d millionths, %v", text, got, rejection)
		}
	}
}

// TestPressureReadings has one value after the other be bad: each is lost alone.
func TestPressureReadings(t *testing.T) {
	tests := []struct {
		name, node, want string
	}{
		{"all", `"cpu":{"time":"2026-08-05T10:00:00Z","psi":{"full":{"total":9,"avg10":0.01,"avg60":0.02,"avg300":7},"some":{"avg10":1,"avg60":2}}},
			"memory":{"time":"2026-08-05T10:00:01Z","psi":{"some":{"avg10":3,"avg60":4},"full":{"avg10":5,"avg60":6}}}`,
			"node cpu-pressure-full-10s=100@2026-08-05T10:00:00 cpu-pressure-full-60s=200@2026-08-05T10:00:00" +
				" cpu-pressure-some-10s=10000@2026-08-05T10:00:00 cpu-pressure-some-60s=20000@2026-08-05T10:00:00" +
				" memory-pressure-full-10s=50000@2026-08-05T10:00:01 memory-pressure-full-60s=60000@2026-08-05T10:00:01" +
				" memory-pressure-some-10s=30000@2026-08-05T10:00:01 memory-pressure-some-60s=40000@2026-08-05T10:00:01\n"},
		{"of CPU alone", `"cpu":{"psi":{"some":{"avg10":1,"avg60":2}}}`, "node cpu-pressure-some-10s=10000@receipt cpu-pressure-some-60s=20000@receipt\n"},
		{"none", `"cpu":{"usageCoreNanoSeconds":1,"psi":null},"memory":{}`, "node cpu=1@receipt\n"},
		{"negative", `"cpu":{"usageCoreNanoSeconds":1,"psi":{"some":{"avg10":-1,"avg60":2}}}`, "node cpu=1@receipt cpu-pressure-some-60s=20000@receipt\nrejected negative=1\n"},
		{"more than all the time", `"cpu":{"psi":{"some":{"avg10":100.5,"avg60":100}}}`, "node cpu-pressure-some-60s=1000000@receipt\nrejected too_large=1\n"},
		{"a text", `"cpu":{"psi":{"some":{"avg10":"NaN","avg60":2}}}`, "node cpu-pressure-some-60s=20000@receipt\nrejected malformed=1\n"},
		{"an object for a number", `"cpu":{"psi":{"some":{"avg10":{"avg10":1},"avg60":2}}}`, "node cpu-pressure-some-60s=20000@receipt\nrejected malformed=1\n"},
		{"a number for an object", `"cpu":{"psi":{"some":1,"full":{"avg10":2}}}`, "node cpu-pressure-full-10s=20000@receipt\nrejected malformed=1\n"},
		{"a list for an object", `"cpu":{"psi":[1],"usageCoreNanoSeconds":1}`, "node cpu=1@receipt\nrejected malformed=1\n"},
		{"a time long ago", `"cpu":{"time":"1500-01-01T00:00:00Z","psi":{"some":{"avg10":1}}},"memory":{"psi":{"some":{"avg10":1}}}`,
			"node memory-pressure-some-10s=10000@receipt\nrejected bad_time=1\n"},
		{"of two objects the last is meant", `"cpu":{"psi":{"some":{"avg10":1}}},"cpu":{"psi":null}`, "node -\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := `{"node":{"nodeName":"x",` + tt.node + `},"pods":null}`
			if diff := cmp.Diff(tt.want, render(summary([]byte(body)))); diff != "" {
				t.Errorf("Summary(%s) (-want +got):\n%s", body, diff)
			}
		})
	}
}

// TestExtraResourcesThatAreNotAskedFor has what is bad in them cost nothing, not even a count.
func TestExtraResourcesThatAreNotAskedFor(t *testing.T) {
	statistics := `"cpu":{"usageCoreNanoSeconds":1,"psi":{"some":{"avg10":-1}}},"memory":{"workingSetBytes":7,"psi":[]},"swap":{"swapUsageBytes":-1}`
	body := `{"node":{"nodeName":"x",` + statistics + `,"fs":{"usedBytes":-1}},"pods":[{"podRef":{"name":"p","namespace":"n"},"containers":[` +
		`{"name":"c",` + statistics + `,"rootfs":{"usedBytes":-1},"logs":[]}]}]}`
	want := "node cpu=1@receipt memory=7@receipt\npod \"n\"/\"p\" uid=\"\"\n  container \"c\" cpu=1@receipt memory=7@receipt\n"
	if diff := cmp.Diff(want, render(SummaryDecoder{}.decode(t.Context(), []byte(body)))); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
	series := text(cpuOfC+"1", swapOfC+"-1", "node_swap_usage_bytes NaN", memoryOfC+"7")
	var d ResourceDecoder
	for range 2 { // without and with what is remembered
		var n sample.Node
		err := d.Decode(t.Context(), []byte(series), &n)
		if diff := cmp.Diff("node -\n"+podOfC+"  container \"c\" cpu=1000000000@receipt memory=7@receipt\n", render(n, err)); diff != "" {
			t.Errorf("text (-want +got):\n%s", diff)
		}
	}
}

// TestNoExtraResource distinguishes a kubelet that has none from one whose values are all invalid.
func TestNoExtraResource(t *testing.T) {
	decoder := SummaryDecoder{Extra: cpuPressure, OnlyExtra: true}
	tests := []struct {
		name, statistics string
		want             error
		rejected         uint32
	}{
		{"none", `"cpu":{"usageCoreNanoSeconds":-1}`, ErrNoExtra, 0},
		{"all bad", `"cpu":{"usageCoreNanoSeconds":-1,"psi":{"some":{"avg10":-1}}}`, nil, 2},
		{"some", `"cpu":{"psi":{"some":{"avg10":1}}}`, nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := `{"node":{"nodeName":"x",` + tt.statistics + `},"pods":[{"podRef":{"name":"p","namespace":"n"},"containers":[{"name":"c",` + tt.statistics + `}]}]}`
			n, err := decoder.decode(t.Context(), []byte(body))
			if !errors.Is(err, tt.want) || n.Rejected.Total() != tt.rejected {
				t.Errorf("got %v, %d rejected; want %v, %d", err, n.Rejected.Total(), tt.want, tt.rejected)
			}
		})
	}
}

// TestRowsAreRead reads each extra resource from where the table says that it is, in both formats.
func TestRowsAreRead(t *testing.T) {
	for r := range sample.AllResources.All() {
		row, want := r.Info(), uint64(2)
		if row.Unit == sample.Millionths {
			want *= millionthsPerPercent
		}
		t.Run(row.Key, func(t *testing.T) {
			if row.PodField != "" {
				checkPodRow(t, r, row.PodField)
				return
			}
			body := fmt.Sprintf(`{"node":{"nodeName":"x",%s},"pods":[{"podRef":{"name":"p","namespace":"n"},"containers":[{"name":"c",%s}]}]}`,
				atField(row.NodeField), atField(row.ContainerField))
			n, err := summary([]byte(body))
			checkRow(t, r, want, want*uint64(1+strings.Count(row.ContainerField, "+")), n, err)
			if row.NodeSeries != "" {
				n, err := resource([]byte(text(row.NodeSeries+" 2", row.ContainerSeries+`{container="c",namespace="n",pod="p"} 2`)))
				checkRow(t, r, want, want, n, err)
			}
		})
	}
}

// checkPodRow reads a resource of a pod as a whole, which neither its container nor the node has, with the time of the group that it is in.
func checkPodRow(t *testing.T, r sample.Resource, field string) {
	t.Helper()
	group, name, _ := strings.Cut(field, ".")
	stats := fmt.Sprintf(`"%s":{"time":"1970-01-01T00:00:07Z","%s":2}`, group, name)
	for form, pod := range map[string]string{
		"before": stats + `,"containers":[{"name":"c",` + stats + `}]`, "after": `"containers":[{"name":"c",` + stats + `}],` + stats,
	} {
		body := fmt.Sprintf(`{"node":{"nodeName":"x",%s},"pods":[{"podRef":{"name":"p","namespace":"n"},%s}]}`, stats, pod)
		for _, only := range []bool{false, true} {
			n, err := SummaryDecoder{Extra: sample.ResourcesOf(r), OnlyExtra: only}.decode(t.Context(), []byte(body))
			if err != nil || len(n.Pods) != 1 || len(n.Pods[0].Containers) != 1 {
				t.Fatalf("%s: %+v, %v", form, n, err)
			}
			want := sample.ExtraReadings{{Resource: r, Reading: sample.Reading{Value: 2, Time: 7e9, Known: true}}}
			if diff := cmp.Diff(want, n.Pods[0].Extra); diff != "" || n.Extra != nil || n.Pods[0].Containers[0].Extra != nil {
				t.Errorf("%s: of the node %v, of the container %v, of the pod (-want +got):\n%s", form, n.Extra, n.Pods[0].Containers[0].Extra, diff)
			}
		}
	}
}

// atField writes 2 at the end of each path, such as "a.b": "a":{"b":2}.
func atField(paths string) string {
	var members []string
	for path := range strings.SplitSeq(paths, "+") {
		names := strings.Split(path, ".")
		members = append(members, `"`+strings.Join(names, `":{"`)+`":2`+strings.Repeat("}", len(names)-1))
	}
	return strings.Join(members, ",")
}

func checkRow(t *testing.T, r sample.Resource, ofNode, ofContainer uint64, n sample.Node, err error) {
	t.Helper()
	if err != nil || len(n.Pods) != 1 || len(n.Pods[0].Containers) != 1 {
		t.Fatalf("%+v, %v", n, err)
	}
	want := func(value uint64) sample.ExtraReadings {
		return sample.ExtraReadings{{Resource: r, Reading: sample.Reading{Value: value, Known: true}}}
	}
	if diff := cmp.Diff(want(ofNode), n.Extra); diff != "" {
		t.Errorf("node (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want(ofContainer), n.Pods[0].Containers[0].Extra); diff != "" {
		t.Errorf("container (-want +got):\n%s", diff)
	}
}
