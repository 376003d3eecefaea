package text

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/klog/v2"
	"k8s.io/klog/v2/ktesting"

	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// logged is what a sink writes to the log.
func logged(t *testing.T, s *Sink, records ...*export.Record) (lines []string, skipped int) {
	logger := ktesting.NewLogger(ktesting.NopTL{}, ktesting.NewConfig(ktesting.BufferLogs(true)))
	ctx := klog.NewContext(t.Context(), logger)
	payloads, skipped := s.Encode(nil, slices.Values(records))
	for _, p := range payloads {
		if err := s.Send(ctx, p); err != nil {
			t.Error(err)
		}
	}
	for _, entry := range logger.GetSink().(ktesting.Underlier).GetBuffer().Data() {
		lines = append(lines, entry.Message)
	}
	return lines, skipped
}

func TestLines(t *testing.T) {
	at := time.Date(2026, 11, 29, 10, 0, 0, 5e6, time.UTC).UnixNano()
	s, _ := New(Config{LinesPerMinute: 10})
	got, _ := logged(t, s,
		&export.Record{Level: export.Node, Node: "n", Rate: 1234567890, Time: at, Window: 15e9, Memory: export.Reading{Value: 3 << 30, Time: at + 1e9}, Extra: usage.Extras{{Resource: sample.Swap, Value: 7}}},
		&export.Record{Level: export.Pod, Cluster: "west", Node: "n", Namespace: "ns", Pod: "p", Rate: 1e6, Time: at, Window: 15e9},
		&export.Record{Level: export.Container, Node: "n", Namespace: "ns", Pod: "p", Container: "c", Time: at, Window: 15e9, Memory: export.Reading{Value: 1 << 19, Time: at}},
		&export.Record{Level: export.Container, Node: "n", Namespace: "ns", Pod: "p", Container: "c", Memory: export.Reading{Value: 1 << 19, Time: at}},
	)
	want := []string{
		`Usage of node n: cpu 1234.6m over 15s until 2026-11-29T10:00:00.005Z, memory 3072.0Mi at 2026-11-29T10:00:01.005Z, swap 7`,
		`Usage of pod ns/p on node n of cluster west: cpu 1.0m over 15s until 2026-11-29T10:00:00.005Z`,
		`Usage of container c of pod ns/p on node n: cpu 0.0m over 15s until 2026-11-29T10:00:00.005Z, memory 0.5Mi at 2026-11-29T10:00:00.005Z`,
		`Usage of container c of pod ns/p on node n: memory 0.5Mi at 2026-11-29T10:00:00.005Z`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	s, _ = New(Config{LinesPerMinute: 10, Cluster: "east"})
	if got, _ := logged(t, s, &export.Record{Level: export.Node, Node: "n"}); !strings.Contains(got[0], "node n of cluster east:") {
		t.Errorf("the home cluster's name is not in %q", got)
	}
}

// TestLogIsBounded has more objects than lines in a minute.
func TestLogIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := New(Config{LinesPerMinute: 3})
		node := &export.Record{Level: export.Node, Node: "n"}
		for _, want := range []struct{ lines, skipped int }{{2, 0}, {2, 1}, {0, 2}} { // The second has a line that says so.
			if lines, skipped := logged(t, s, node, node); len(lines) != want.lines || skipped != want.skipped {
				t.Errorf("%d lines and %d left out, want %+v: %q", len(lines), skipped, want, lines)
			}
		}
		<-time.After(time.Minute)
		if lines, skipped := logged(t, s, node, node); len(lines) != 2 || skipped != 0 {
			t.Errorf("after a minute %q, %d left out", lines, skipped)
		}
	})
}
