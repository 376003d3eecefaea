package decode

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// detailsDecoder reads what a request for the details alone brings.
var detailsDecoder = SummaryDecoder{OnlyExtra: true, Details: true}

// renderDetails writes a result in a form that a person can check against the body.
func renderDetails(n sample.Node, err error) string {
	var out strings.Builder
	if err != nil {
		fmt.Fprintf(&out, "error: %v\n", err)
	}
	show := func(name string, start int64, d *sample.Details) {
		if d == nil {
			return
		}
		fmt.Fprintf(&out, "%s start=%s", name, renderTime(start))
		for i, r := range d.Readings() {
			if r.Known {
				name := [sample.DetailCount]string{"memory", "rx", "tx", "fs", "fslimit", "logs", "logslimit"}[i]
				fmt.Fprintf(&out, " %s=%d@%s", name, r.Value, renderTime(r.Time))
			}
		}
		out.WriteByte('\n')
	}
	show("node", n.Start, n.Details)
	for _, p := range n.Pods {
		show("pod "+p.Namespace+"/"+p.Name+" "+p.UID, p.Start, p.Details)
		for _, c := range p.Containers {
			show("container "+c.Name, c.Start, c.Details)
		}
	}
	for reason, count := range n.Rejected {
		if count > 0 {
			fmt.Fprintf(&out, "rejected %s=%d\n", sample.Rejection(reason), count)
		}
	}
	return out.String()
}

func TestDetails(t *testing.T) {
	const at, started = `"time":"2026-08-05T10:00:00Z",`, `"startTime":"2026-08-05T09:00:00Z",`
	pod := func(members string) string {
		return `{"node":{"nodeName":"x"},"pods":[{"podRef":{"name":"p","namespace":"n","uid":"u"},` + members + `}]}`
	}
	tests := []struct{ name, body, want string }{
		{"of a node", `{"node":{"nodeName":"x",` + started + `"memory":{` + at + `"workingSetBytes":1,"usageBytes":2},"network":{` + at + `"name":"eth0","rxBytes":3,"txBytes":4,"interfaces":[{"name":"eth0","rxBytes":9}]},
			"fs":{` + at + `"usedBytes":5,"capacityBytes":6}}}`,
			"node start=2026-08-05T09:00:00 memory=2@2026-08-05T10:00:00 rx=3@2026-08-05T10:00:00 tx=4@2026-08-05T10:00:00 fs=5@2026-08-05T10:00:00 fslimit=6@2026-08-05T10:00:00\n"},
		{"of a pod", pod(started + `"network":{` + at + `"rxBytes":3,"txBytes":4},"ephemeral-storage":{` + at + `"usedBytes":5,"capacityBytes":6},"cpu":{},"memory":{"usageBytes":1}`),
			"pod n/p u start=2026-08-05T09:00:00 rx=3@2026-08-05T10:00:00 tx=4@2026-08-05T10:00:00 fs=5@2026-08-05T10:00:00 fslimit=6@2026-08-05T10:00:00\n"},
		{"of a container", pod(`"containers":[{"name":"c",` + started + `"memory":{"usageBytes":2},"rootfs":{` + at + `"usedBytes":5,"capacityBytes":6},"logs":{"usedBytes":7,"capacityBytes":8}}]`),
			"container c start=2026-08-05T09:00:00 memory=2@receipt fs=5@2026-08-05T10:00:00 fslimit=6@2026-08-05T10:00:00 logs=7@receipt logslimit=8@receipt\n"},
		{"more than there is", pod(`"network":{"rxBytes":1},"ephemeral-storage":{"usedBytes":7,"capacityBytes":6}`), "pod n/p u start=receipt rx=1@receipt fslimit=6@receipt\nrejected implausible=1\n"},
		{"malformed", pod(`"network":{"rxBytes":-1,"txBytes":"4"},"ephemeral-storage":[]`), "rejected negative=1\nrejected malformed=2\n"},
		{"twice", pod(`"network":{"rxBytes":1},"network":null,"ephemeral-storage":{"usedBytes":1}`), "pod n/p u start=receipt fs=1@receipt\n"},
		{"of another pod before", `{"node":{},"pods":[{"podRef":{"name":"a","namespace":"n"},"network":{"rxBytes":1}},{"podRef":{"name":"b","namespace":"n"}}]}`,
			"pod n/a  start=receipt rx=1@receipt\n"},
		{"none", pod(`"cpu":{}`), "error: " + ErrNoExtra.Error() + "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n, err := detailsDecoder.decode(t.Context(), []byte(tt.body))
			if diff := cmp.Diff(tt.want, renderDetails(n, err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestDetailsAreNotReadUnlessWanted has a body whose details are malformed, which would be counted.
func TestDetailsAreNotReadUnlessWanted(t *testing.T) {
	body := `{"node":{"network":{"rxBytes":-1},"fs":{"usedBytes":5}},"pods":[{"podRef":{"name":"p","namespace":"n"},"network":{"rxBytes":-1}}]}`
	n, err := diskDecoder.decode(t.Context(), []byte(body))
	if err != nil || n.Rejected.Total() != 0 || n.Details != nil || n.Pods[0].Details != nil {
		t.Errorf("%d rejected, details %v and %v, error %v", n.Rejected.Total(), n.Details, n.Pods[0].Details, err)
	}
}

// TestDetailsAndExtraResourcesOfOneBody reads both from the same request.
func TestDetailsAndExtraResourcesOfOneBody(t *testing.T) {
	d := diskDecoder
	d.Details = true
	n, err := d.decode(t.Context(), []byte(`{"node":{"fs":{"usedBytes":5,"capacityBytes":6}}}`))
	if used := n.Extra.Get(sample.EphemeralStorage); err != nil || used.Value != 5 || n.Details == nil || n.Details.FilesystemLimit.Value != 6 {
		t.Errorf("extra %v, details %+v, error %v", used, n.Details, err)
	}
	if _, err := d.decode(t.Context(), []byte(`{"node":{"nodeName":"x"}}`)); !errors.Is(err, ErrNoExtra) {
		t.Errorf("error %v", err)
	}
}

// TestDetailsOfARealShape reads the full summary of a Linux and of a Windows kubelet, and one with many fields that are null.
func TestDetailsOfARealShape(t *testing.T) {
	for _, name := range []string{"summary-linux", "summary-windows", "summary-edge-nil-fields"} {
		t.Run(name, func(t *testing.T) {
			compareGolden(t, "testdata/"+name+".details", renderDetails(detailsDecoder.decode(t.Context(), read(t, "testdata/"+name+".json"))))
		})
	}
}
