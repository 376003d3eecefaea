package decode

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// diskDecoder reads what a request for the use of local disks alone brings.
var diskDecoder = SummaryDecoder{Extra: sample.ResourcesOf(sample.EphemeralStorage), OnlyExtra: true}

func disk(body []byte) (sample.Node, error) { return diskDecoder.decode(context.Background(), body) }

// renderDisk writes a result in a form that a person can check against the body.
func renderDisk(d sample.Node, err error) string {
	var out strings.Builder
	if err != nil {
		fmt.Fprintf(&out, "error: %v\n", err)
	}
	if used := d.Extra.Get(sample.EphemeralStorage); used.Known {
		fmt.Fprintf(&out, "node %d\n", used.Value)
	}
	for _, p := range d.Pods {
		out.WriteString(renderPodDisk(p))
	}
	for reason, count := range d.Rejected {
		if count > 0 {
			fmt.Fprintf(&out, "rejected %s=%d\n", sample.Rejection(reason), count)
		}
	}
	return out.String()
}

// renderPodDisk is empty for a pod of which nothing is known.
func renderPodDisk(p sample.Pod) string {
	var out strings.Builder
	for _, c := range p.Containers {
		if used := c.Extra.Get(sample.EphemeralStorage); used.Known {
			fmt.Fprintf(&out, "  container %s %d start=%s\n", c.Name, used.Value, renderTime(c.Start))
		}
	}
	if out.Len() == 0 {
		return ""
	}
	return fmt.Sprintf("pod %s/%s uid=%s\n", p.Namespace, p.Name, p.UID) + out.String()
}

func TestDisk(t *testing.T) {
	pod := func(containers string) string {
		return `{"node":{"fs":{"usedBytes":9}},"pods":[{"podRef":{"name":"p","namespace":"n","uid":"u"},"containers":[` + containers + `]}]}`
	}
	tests := []struct {
		name, body, want string
	}{
		{"layer and logs", pod(`{"name":"c","startTime":"2026-08-05T09:00:00Z","rootfs":{"usedBytes":5},"logs":{"usedBytes":6}}`),
			"node 9\npod n/p uid=u\n  container c 11 start=2026-08-05T09:00:00\n"},
		{"nothing written", pod(`{"name":"c","rootfs":{"usedBytes":0},"logs":{"usedBytes":0}}`), "node 9\npod n/p uid=u\n  container c 0 start=receipt\n"},
		{"of a pod and not of the node", `{"node":{},"pods":[{"podRef":{"name":"p","namespace":"n"},"containers":[{"name":"c","rootfs":{"usedBytes":5},"logs":{"usedBytes":6}},{"name":"d"}]}]}`,
			"pod n/p uid=\n  container c 11 start=receipt\n"},
		{"no layer", pod(`{"name":"c","rootfs":{"capacityBytes":7},"logs":{"usedBytes":6}}`), "node 9\n"},
		{"no logs", pod(`{"name":"c","rootfs":{"usedBytes":5}}`), "node 9\n"},
		{"sandbox", pod(`{"name":"POD","rootfs":{"usedBytes":5},"logs":{"usedBytes":6}}`), "node 9\n"},
		{"more than the file system holds", pod(`{"name":"c","rootfs":{"usedBytes":8,"capacityBytes":7},"logs":{"usedBytes":6}}`),
			"node 9\nrejected implausible=1\n"},
		{"a full file system", pod(`{"name":"c","rootfs":{"usedBytes":7,"capacityBytes":7},"logs":{"usedBytes":6}}`),
			"node 9\npod n/p uid=u\n  container c 13 start=receipt\n"},
		{"a capacity of nothing", pod(`{"name":"c","rootfs":{"usedBytes":7,"capacityBytes":0},"logs":{"usedBytes":6}}`),
			"node 9\npod n/p uid=u\n  container c 13 start=receipt\n"},
		{"a capacity that is nonsense", pod(`{"name":"c","rootfs":{"usedBytes":7,"capacityBytes":-1},"logs":{"usedBytes":6}}`),
			"node 9\npod n/p uid=u\n  container c 13 start=receipt\n"},
		{"negative", pod(`{"name":"c","rootfs":{"usedBytes":-5},"logs":{"usedBytes":6}}`), "node 9\nrejected negative=1\n"},
		{"a sum that no quantity can hold", pod(fmt.Sprintf(`{"name":"c","rootfs":{"usedBytes":%d},"logs":{"usedBytes":1}}`, math.MaxInt64)),
			"node 9\nrejected too_large=1\n"},
		{"a time before 1970", pod(`{"name":"c","rootfs":{"time":"1500-01-01T00:00:00Z","usedBytes":5},"logs":{"usedBytes":6}}`), "node 9\nrejected bad_time=1\n"},
		{"a pod without a name", `{"node":{"fs":{"usedBytes":9}},"pods":[{"containers":[{"name":"c","rootfs":{"usedBytes":5},"logs":{"usedBytes":6}}]}]}`,
			"node 9\nrejected malformed=1\n"},
		{"a list for an object", `{"node":{"fs":{"usedBytes":9}},"pods":{}}`, "node 9\nrejected malformed=1\n"},
		{"two pods of one name", `{"node":{},"pods":[` +
			`{"podRef":{"name":"p","namespace":"n","uid":"u"},"containers":[{"name":"c","rootfs":{"usedBytes":5},"logs":{"usedBytes":6}}]},` +
			`{"podRef":{"name":"p","namespace":"n","uid":"v"},"containers":[{"name":"c","rootfs":{"usedBytes":7},"logs":{"usedBytes":6}}]}]}`,
			"pod n/p uid=v\n  container c 13 start=receipt\nrejected older_life=1\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, renderDisk(disk([]byte(tt.body)))); diff != "" {
				t.Errorf("Disk(%s) (-want +got):\n%s", tt.body, diff)
			}
		})
	}
}

func TestDiskErrors(t *testing.T) {
	tests := []struct {
		name, body string
		want       error
	}{
		{"a response without disks", string(read(t, "testdata/summary-linux-only-cpu-and-memory.json")), ErrNoExtra},
		{"nothing", "", ErrEmpty},
		{"a login page", "<html>", ErrSyntax},
		{"cut short", `{"node":{"fs":{"usedBytes":9`, ErrTruncated},
		{"a bomb", strings.Repeat("{", maxObjects+1), ErrTooMany},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := disk([]byte(tt.body)); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// TestDiskOfARealShape reads the full summary of a Linux and of a Windows kubelet.
func TestDiskOfARealShape(t *testing.T) {
	for _, name := range []string{"summary-linux", "summary-windows"} {
		t.Run(name, func(t *testing.T) {
			compareGolden(t, "testdata/"+name+".disk", renderDisk(disk(read(t, "testdata/"+name+".json"))))
		})
	}
}

// FuzzOnlyExtra checks that a request for extra resources alone returns those of the complete summary, and nothing else.
func FuzzOnlyExtra(f *testing.F) {
	for _, path := range fixtures(f, "*.json") {
		f.Add(read(f, path))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		only := SummaryDecoder{Extra: sample.AllResources, OnlyExtra: true}
		decode := func(body []byte) (sample.Node, error) { return only.decode(t.Context(), body) }
		n, err := decode(body)
		if errors.Is(err, ErrNoExtra) {
			return
		}
		checkDecoded(t, body, decode, n, err)
		if n.CPU != (sample.Reading{}) || n.Memory != (sample.Reading{}) || n.Rate != (sample.Reading{}) {
			t.Errorf("the node has %+v", n.Usage)
		}
		if all, errAll := summary(body); err == nil && errAll == nil {
			if diff := cmp.Diff(all.Extra, n.Extra); diff != "" {
				t.Errorf("not the node's values of the complete summary (-want +got):\n%s", diff)
			}
		}
	})
}
