package doctor

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/test/docs"
)

var date = regexp.MustCompile(`\d{4}-\d\d-\d\d`)

// TestDocumentedOutput compares the output that docs/doctor.md shows with that of the same cluster.
func TestDocumentedOutput(t *testing.T) {
	f := healthy(t)
	f.Nodes.Value[1].Ready = false
	unserved(f, `nodes.metrics.k8s.io "node-2" not found: scrapes of node "node-2" have failed for 1m10s: `+
		"the kubelet's port refused the connection: check that the kubelet is running, and that --kubelet-port is right (PLM-KUBELET-REFUSED)")
	var out bytes.Buffer
	if err := Diagnose(f).WriteTable(&out); err != nil {
		t.Fatal(err)
	}
	want := date.ReplaceAllString(out.String(), "2027-02-27")
	blocks, err := docs.Blocks("docs/doctor.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range blocks {
		if got := strings.Join(block.Lines, "\n") + "\n"; strings.HasPrefix(got, "CHECK ") {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s:%d (-doctor +page):\n%s", block.File, block.Line, diff)
			}
			return
		}
	}
	t.Error("docs/doctor.md has no output")
}
