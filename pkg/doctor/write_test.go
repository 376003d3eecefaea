package doctor

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// fixed is a report with two findings.
func fixed() *Report {
	r := &Report{
		Kind: ReportKind, SchemaVersion: SchemaVersion, Time: time.Unix(0, 0).UTC(), Server: "https://api.example:6443", Service: "plimsoll-system/plimsoll",
		Checks: []Check{{"apiservices", StateOK, "v1.metrics.k8s.io is available"}, {"nodes", StateFindings, "3 of 15 nodes have usage"}},
	}
	for _, name := range []string{"n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9", "n10", "n11", "n12"} {
		r.find(Finding{Code: "PLM-KUBELET-REFUSED", Check: "nodes", Cause: "the port refused", Cure: "start the kubelet"}, "node/"+name, "")
	}
	r.find(Finding{Code: "PLM-POD-PENDING", Check: "nodes", Cause: "the pod is pending"}, "pod/a/b", "since yesterday")
	return r
}

func TestWriteTable(t *testing.T) {
	var out bytes.Buffer
	if err := fixed().WriteTable(&out); err != nil {
		t.Fatal(err)
	}
	const want = `CHECK        STATE     DETAIL
apiservices  ok        v1.metrics.k8s.io is available
nodes        findings  3 of 15 nodes have usage

PLM-KUBELET-REFUSED  node/n1, node/n2, node/n3, node/n4, node/n5, node/n6, node/n7, node/n8, node/n9, node/n10 and 2 more
  cause: The port refused.
  cure:  Start the kubelet.

PLM-POD-PENDING  pod/a/b
  cause: The pod is pending.
         since yesterday
  cure:  See docs/troubleshooting.md.

2 findings. docs/troubleshooting.md has a section for each code.
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestWriteJSON pins the names of the fields.
func TestWriteJSON(t *testing.T) {
	var out bytes.Buffer
	if err := fixed().WriteJSON(&out); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	second := got["findings"].([]any)[1]
	got["findings"] = []any{second}
	want := map[string]any{
		"kind": "DoctorReport", "schemaVersion": 1.0, "time": "1970-01-01T00:00:00Z", "server": "https://api.example:6443", "service": "plimsoll-system/plimsoll",
		"checks": []any{
			map[string]any{"name": "apiservices", "state": "ok", "detail": "v1.metrics.k8s.io is available"},
			map[string]any{"name": "nodes", "state": "findings", "detail": "3 of 15 nodes have usage"},
		},
		"findings": []any{map[string]any{
			"code": "PLM-POD-PENDING", "check": "nodes", "objects": []any{"pod/a/b"}, "count": 1.0, "cause": "the pod is pending", "cure": "see docs/troubleshooting.md",
			"details": []any{"since yesterday"},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestHostileNames has names and messages with what a terminal interprets, in every text of a report.
func TestHostileNames(t *testing.T) {
	const hostile = "\x1b[2J\x1b]0;title\x07\r\n\u009b31m\u202eabc\xff\x00"
	f := healthy(t)
	f.Host, f.Service.Name = hostile, hostile
	f.Nodes.Value = append(f.Nodes.Value, Node{Name: hostile})
	f.Explanations[hostile] = hostile + strings.Repeat("long ", 10_000)
	f.Autoscalers.Value[0].Name = hostile
	inactiveFor(f, hostile)
	failed(f, hostile, hostile)
	f.Authentication.Value[frontProxyNames] = `["` + "\u202e" + `"]`
	r := Diagnose(f)
	for name, write := range map[string]func(*bytes.Buffer) error{
		"table": func(b *bytes.Buffer) error { return r.WriteTable(b) },
		"json":  func(b *bytes.Buffer) error { return r.WriteJSON(b) },
	} {
		var out bytes.Buffer
		if err := write(&out); err != nil {
			t.Fatal(err)
		}
		for _, c := range out.String() {
			if !unicode.IsPrint(c) && c != '\n' {
				t.Fatalf("%s: there is a %q in:\n%q", name, c, out.String())
			}
		}
		if out.Len() > 20_000 {
			t.Errorf("%s has %d bytes", name, out.Len())
		}
	}
}
