package decode

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestResourceTwoInstances(t *testing.T) {
	const container = "node -\n" + podOfC + "  container \"c\""
	tests := []struct {
		name, body, want string
	}{
		{"the newer start wins, first in the body",
			text(startOfC+"1.7859239e+09", startOfC+"1.7859236e+09", cpuOfC+"1 5000", cpuOfC+"90 5000", memoryOfC+"7", memoryOfC+"8"),
			container + " start=2026-08-05T09:58:20 cpu=1000000000@1970-01-01T00:00:05 memory=7@receipt\nrejected older_life=2\n"},
		{"the newer start wins, last in the body",
			text(cpuOfC+"90 5000", cpuOfC+"1 5000", memoryOfC+"8", memoryOfC+"7", startOfC+"1.7859236e+09", startOfC+"1.7859239e+09"),
			container + " start=2026-08-05T09:58:20 cpu=1000000000@1970-01-01T00:00:05 memory=7@receipt\nrejected older_life=2\n"},
		{"the newer start wins with its bad reading",
			text(cpuOfC+"90", cpuOfC+"NaN", startOfC+"1.7859236e+09", startOfC+"1.7859239e+09"),
			container + " start=2026-08-05T09:58:20\nrejected not_finite=1\nrejected older_life=1\n"},
		{"one start for two: the CPU read later wins, and the start is left out",
			text(cpuOfC+"90 4000", cpuOfC+"1 5000", memoryOfC+"8", memoryOfC+"7", startOfC+"1.7859236e+09"),
			container + " cpu=1000000000@1970-01-01T00:00:05 memory=7@receipt\nrejected older_life=2\n"},
		{"one memory for two: it is left out",
			text(cpuOfC+"90 4000", cpuOfC+"1 5000", memoryOfC+"8"),
			container + " cpu=1000000000@1970-01-01T00:00:05\nrejected older_life=2\n"},
		{"no time and no start: the higher CPU",
			text(cpuOfC+"90", cpuOfC+"1", memoryOfC+"7", memoryOfC+"8"),
			container + " cpu=90000000000@receipt memory=7@receipt\nrejected older_life=2\n"},
		{"three instances",
			text(cpuOfC+"1 1", cpuOfC+"3 3", cpuOfC+"2 2", memoryOfC+"1", memoryOfC+"3", memoryOfC+"2"),
			container + " cpu=3000000000@1970-01-01T00:00:00.003 memory=3@receipt\nrejected older_life=4\n"},
		{"the same line again is no second instance",
			text(cpuOfC+"1 5000", cpuOfC+"1 5000", memoryOfC+"7", startOfC+"1.7859236e+09", startOfC+"1.7859236e+09"),
			container + " start=2026-08-05T09:53:20 cpu=1000000000@1970-01-01T00:00:05 memory=7@receipt\nrejected repeated=1\n"},
		{"two containers, their series alternately",
			text(cpuOfC+"1 1", strings.ReplaceAll(cpuOfC, `"c"`, `"d"`)+"4 1", cpuOfC+"2 2", strings.ReplaceAll(cpuOfC, `"c"`, `"d"`)+"3 2", cpuOfC+"3 3",
				memoryOfC+"1", memoryOfC+"2", memoryOfC+"3"),
			container + " cpu=3000000000@1970-01-01T00:00:00.003 memory=3@receipt\n" +
				"  container \"d\" cpu=3000000000@1970-01-01T00:00:00.002\nrejected older_life=5\n"},
		{"the node twice",
			text("node_cpu_usage_seconds_total 5 2000", "node_cpu_usage_seconds_total 4 1000", "node_memory_working_set_bytes 1", "node_memory_working_set_bytes 2"),
			"node cpu=5000000000@1970-01-01T00:00:02 memory=1@receipt\nrejected older_life=2\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, render(resource([]byte(tt.body)))); diff != "" {
				t.Errorf("Resource(%q) (-want +got):\n%s", tt.body, diff)
			}
		})
	}
}

// TestSummaryManyInstances checks that a large pod and many small ones of its name do not cost the product of the two, which
// is minutes here.
func TestSummaryManyInstances(t *testing.T) {
	const many = 20_000
	container, pod := `{"name":"c","cpu":{"usageNanoCores":1}},`, `,{"podRef":{"name":"p","namespace":"n"}}`
	body := `{"node":{},"pods":[{"podRef":{"name":"p","namespace":"n"},"containers":[` +
		strings.Repeat(container, many) + `{}]}` + strings.Repeat(pod, many) + `]}`
	began := time.Now()
	if _, err := summary([]byte(body)); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestSummaryTwoInstances(t *testing.T) {
	const (
		older = `{"name":"c","startTime":"2026-08-05T09:00:00Z","cpu":{"time":"2026-08-05T10:00:00Z","usageCoreNanoSeconds":90},"memory":{"workingSetBytes":8}}`
		newer = `{"name":"c","startTime":"2026-08-05T09:30:00Z","cpu":{"time":"2026-08-05T10:00:00Z","usageCoreNanoSeconds":1}}`
		used  = "  container \"c\" start=2026-08-05T09:30:00 cpu=1@2026-08-05T10:00:00\nrejected older_life=2\n"
	)
	pod := func(uid, startTime, containers string) string {
		return `{"podRef":{"name":"p","namespace":"n","uid":"` + uid + `"},"startTime":` + startTime + `,"containers":[` + containers + `]}`
	}
	tests := []struct {
		name, pods, want string
	}{
		{"containers, newer first", pod("u", "null", newer+","+older), "node -\npod \"n\"/\"p\" uid=\"u\"\n" + used},
		{"containers, newer last", pod("u", "null", older+","+newer), "node -\npod \"n\"/\"p\" uid=\"u\"\n" + used},
		{"pods by their own start", pod("a", `"2026-08-05T09:29:00Z"`, newer) + "," + pod("b", `"2026-08-05T08:59:00Z"`, older),
			"node -\npod \"n\"/\"p\" uid=\"a\"\n" + used},
		{"pods by their containers' start", pod("a", "null", older) + "," + pod("b", "null", newer),
			"node -\npod \"n\"/\"p\" uid=\"b\"\n" + used},
		{"the newer pod has no containers yet", pod("a", `"2026-08-05T08:59:00Z"`, older) + "," + pod("b", `"2026-08-05T09:29:00Z"`, ""),
			"node -\npod \"n\"/\"p\" uid=\"b\"\nrejected older_life=2\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := `{"node":{"nodeName":"x"},"pods":[` + tt.pods + `]}`
			if diff := cmp.Diff(tt.want, render(summary([]byte(body)))); diff != "" {
				t.Errorf("Summary(%s) (-want +got):\n%s", body, diff)
			}
		})
	}
}
