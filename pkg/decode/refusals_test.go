package decode

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

const healthy = "node_memory_working_set_bytes 5\nresource_scrape_error 0\n"

// TestWhatIsBeyondABoundIsCounted wants a response to lose what is beyond a bound, by a reason, and nothing else.
func TestWhatIsBeyondABoundIsCounted(t *testing.T) {
	container := func(namespace, pod, name string) string {
		return fmt.Sprintf(`%s{container="%s",namespace="%s",pod="%s"} 1`+"\n", series, name, namespace, pod)
	}
	many := func(count int, one func(int) string) string {
		var out strings.Builder
		for i := range count {
			out.WriteString(one(i))
		}
		return out.String()
	}
	long := strings.Repeat("a", 10<<20)
	line := func(length int) string {
		const before, after = series + `{container="c",namespace="n",pod="p",x="`, `"} 1`
		return before + long[:length-len(before)-len(after)] + after + "\n"
	}
	labels := func(count int) string {
		return series + `{container="c",namespace="n",pod="p"` + many(count-3, func(i int) string { return fmt.Sprintf(`,x%d=""`, i) }) + "} 1\n"
	}
	tests := []struct {
		name, body string
		kept       int
		want       sample.Rejections
	}{
		{"a label of ten megabytes", container("n", "p", long), 0, sample.Rejections{sample.TooLong: 1}},
		{"a label of the series' own of ten megabytes", series + `{x="` + long + `"} 1` + "\n", 0, sample.Rejections{sample.TooLong: 1}},
		{"a number of ten megabytes", cpuOfC + strings.Repeat("1", 10<<20) + "\n", 0, sample.Rejections{sample.TooLong: 1}},
		{"many labels", series + "{" + strings.Repeat(`a="",`, 100) + "} 1\n", 0, sample.Rejections{sample.TooMany: 1}},
		{"the longest line", line(maxLine), 1, sample.Rejections{}},
		{"a line that is longer", line(maxLine + 1), 0, sample.Rejections{sample.TooLong: 1}},
		{"as many labels as a line may have", labels(maxLabels), 1, sample.Rejections{}},
		{"one label more", labels(maxLabels + 1), 0, sample.Rejections{sample.TooMany: 1}},
		{"a long namespace", container(long[:64], "p", "c"), 0, sample.Rejections{sample.TooLong: 1}},
		{"the longest names", container(long[:63], long[:253], long[:63]), 1, sample.Rejections{}},
		{"a long pod", container("n", long[:254], "c"), 0, sample.Rejections{sample.TooLong: 1}},
		{"a long container", container("n", "p", long[:64]), 0, sample.Rejections{sample.TooLong: 1}},
		{"many containers of a pod", many(maxPerPod+3, func(i int) string { return container("n", "p", fmt.Sprint("c", i)) }),
			maxPerPod, sample.Rejections{sample.TooMany: 3}},
		{"many pods", many(maxPods+3, func(i int) string { return container("n", fmt.Sprint("p", i), "c") }),
			maxPods, sample.Rejections{sample.TooMany: 3}},
		{"many containers", many(maxContainers+3, func(i int) string { return container("n", fmt.Sprint("p", i%100), fmt.Sprint("c", i)) }),
			maxContainers, sample.Rejections{sample.TooMany: 3}},
		{"one container many times", strings.Repeat(cpuOfC+"1\n", maxRepeats+4), 1, sample.Rejections{sample.TooMany: 3, sample.Repeated: maxRepeats}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checkDecoder(t, []byte(tt.body+healthy), []byte(tt.body+healthy))
			n, err := resource([]byte(tt.body + healthy))
			if err != nil || n.Memory.Value != 5 || containersOf(n) != tt.kept {
				t.Errorf("kept %d containers and the node's memory of %d, want %d and 5: %v", containersOf(n), n.Memory.Value, tt.kept, err)
			}
			if diff := cmp.Diff(tt.want, n.Rejected); diff != "" {
				t.Errorf("rejected (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWhatIsBeyondABoundOfTheSummaryIsCounted is the same for both readers of the summary.
func TestWhatIsBeyondABoundOfTheSummaryIsCounted(t *testing.T) {
	pod := func(namespace, name, container string) string {
		return fmt.Sprintf(`{"podRef":{"name":"%s","namespace":"%s"},"containers":[{"name":"%s","rootfs":{"usedBytes":1},"logs":{"usedBytes":1}}]}`,
			name, namespace, container)
	}
	many := func(count int, one func(int) string) string {
		all := make([]string, count)
		for i := range all {
			all[i] = one(i)
		}
		return strings.Join(all, ",")
	}
	long := strings.Repeat("a", 10<<20)
	tests := []struct {
		name, pods string
		kept       int
		want       sample.Rejections
	}{
		{"a name of ten megabytes", pod("n", long, "c"), 0, sample.Rejections{sample.TooLong: 1}},
		{"the longest names", pod(long[:63], long[:253], long[:63]), 1, sample.Rejections{}},
		{"the longest name, in escapes", pod("n", strings.Repeat(`\u0070`, 253), "c"), 1, sample.Rejections{}},
		{"a long namespace", pod(long[:64], "p", "c"), 0, sample.Rejections{sample.TooLong: 1}},
		{"a long container", pod("n", "p", long[:64]), 0, sample.Rejections{sample.TooLong: 1}},
		{"the longest UID", `{"podRef":{"name":"p","namespace":"n","uid":"` + long[:maxUID] + `"},"containers":[{"name":"c","rootfs":{"usedBytes":1},"logs":{"usedBytes":1}}]}`, 1, sample.Rejections{}},
		{"a long UID", `{"podRef":{"name":"p","namespace":"n","uid":"` + long[:maxUID+1] + `"},"containers":[{"name":"c","rootfs":{"usedBytes":1},"logs":{"usedBytes":1}}]}`, 0,
			sample.Rejections{sample.TooLong: 1}},
		{"null", "null,null", 0, sample.Rejections{sample.Malformed: 2}},
		{"many pods", many(maxPods+3, func(i int) string { return pod("n", fmt.Sprint("p", i), "c") }), maxPods, sample.Rejections{sample.TooMany: 3}},
		{"many containers of all pods", many(9, func(i int) string {
			return fmt.Sprintf(`{"podRef":{"name":"p%d","namespace":"n"},"containers":[`, i) +
				many(1000, func(i int) string {
					return fmt.Sprintf(`{"name":"c%d","rootfs":{"usedBytes":1},"logs":{"usedBytes":1}}`, i)
				}) + `]}`
		}), 8000, sample.Rejections{sample.TooMany: 1}},
		{"many containers of a pod that comes again and again", many(12, func(i int) string {
			return fmt.Sprintf(`{"podRef":{"name":"p","namespace":"n"},"startTime":"2026-08-05T09:%02d:00Z","containers":[`, i) +
				many(1000, func(i int) string {
					return fmt.Sprintf(`{"name":"c%d","rootfs":{"usedBytes":1},"logs":{"usedBytes":1}}`, i)
				}) + `]}`
		}), 1000, sample.Rejections{sample.OlderInstance: 11_000}},
		{"many containers of a pod", `{"podRef":{"name":"p","namespace":"n"},"containers":[` +
			many(maxPerPod+3, func(i int) string {
				return fmt.Sprintf(`{"name":"c%d","rootfs":{"usedBytes":1},"logs":{"usedBytes":1}}`, i)
			}) + `]}`,
			maxPerPod, sample.Rejections{sample.TooMany: 3}},
	}
	for _, tt := range tests {
		body := []byte(`{"node":{"nodeName":"x","fs":{"usedBytes":9}},"pods":[` + tt.pods + `]}`)
		t.Run(tt.name, func(t *testing.T) {
			n, err := summary(body)
			if err != nil || containersOf(n) != tt.kept {
				t.Errorf("kept %d containers, want %d: %v", containersOf(n), tt.kept, err)
			}
			if diff := cmp.Diff(tt.want, n.Rejected); diff != "" {
				t.Errorf("rejected (-want +got):\n%s", diff)
			}
		})
		t.Run(tt.name+", disks", func(t *testing.T) {
			d, err := disk(body)
			kept := 0
			for _, p := range d.Pods {
				for _, c := range p.Containers {
					kept += len(c.Extra)
				}
			}
			if err != nil || kept != tt.kept {
				t.Errorf("kept %d containers, want %d: %v", kept, tt.kept, err)
			}
			if diff := cmp.Diff(tt.want, d.Rejected); diff != "" {
				t.Errorf("rejected (-want +got):\n%s", diff)
			}
		})
	}
}

func containersOf(n sample.Node) (count int) {
	for _, p := range n.Pods {
		count += len(p.Containers)
	}
	return count
}

// TestDecodersGiveUp has each decoder end with the error of its context.
func TestDecodersGiveUp(t *testing.T) {
	over := errors.New("over")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(over)
	pods := []byte(`{"node":{"nodeName":"x","fs":{"usedBytes":9}},"pods":[{}]}`)
	tests := []struct {
		name   string
		decode func() error
	}{
		{"resource", func() error {
			return (&ResourceDecoder{Extra: sample.AllResources}).Decode(ctx, []byte(text(`container_cpu_usage_seconds_total{pod="p",namespace="n",container="c"} 1`)), new(sample.Node))
		}},
		{"summary", func() error { _, err := SummaryDecoder{}.decode(ctx, pods); return err }},
		{"disk", func() error { _, err := diskDecoder.decode(ctx, pods); return err }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.decode(); !errors.Is(err, over) {
				t.Errorf("got %v, want the context's error", err)
			}
		})
	}
}

// TestTruncatedResponse breaks off at the end of a line, where nothing but the metric that is missing shows it.
func TestTruncatedResponse(t *testing.T) {
	complete := text(cpuOfC+"1", cpuOfD+"1", memoryOfC+"1", "resource_scrape_error 0")
	for _, cut := range []string{text(cpuOfC+"2", cpuOfD+"2", memoryOfC+"2"), text(cpuOfC+"2", cpuOfD+"2"), text(cpuOfC + "2")} {
		d := ResourceDecoder{Extra: sample.AllResources}
		var n sample.Node
		steps := []struct {
			body string
			want error
		}{{cut, nil}, {complete, nil}, {cut, ErrTruncated}, {cut, ErrTruncated}, {complete, nil}}
		for i, step := range steps {
			if err := d.Decode(t.Context(), []byte(step.body), &n); !errors.Is(err, step.want) {
				t.Errorf("response %d, of %d bytes: got %v, want %v", i, len(step.body), err, step.want)
			}
		}
	}
}
