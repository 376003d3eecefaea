package usage

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// newReader returns a reader whose clock stands at a moment.
func newReader(now time.Time) *Reader {
	return NewReader(rule(), func() time.Time { return now }, func() uint64 { return 7 })
}

func TestReaderServesFreshUsageOfThePodsNode(t *testing.T) {
	cell, u := &PodCell{}, &Pod{Node: "n", Time: start}
	cell.Publish(u, freshAt(start))
	tests := []struct {
		name string
		cell *PodCell
		node string
		now  time.Time
		want *Pod
	}{
		{"fresh", cell, "n", start, u},
		{"stale", cell, "n", start.Add(maxAge + 1), nil},
		{"on another node", cell, "m", start, nil},
		{"on no node", cell, "", start, nil},
		{"without usage", &PodCell{}, "n", start, nil},
		{"without a cell", nil, "n", start, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var observed []time.Time
			r := newReader(tt.now).OnEachRead(func(at time.Time) { observed = append(observed, at) })
			got, ok := r.Pod(tt.cell, tt.node)
			if got != tt.want || ok != (tt.want != nil) {
				t.Errorf("got %v, %t", got, ok)
			}
			want := []time.Time(nil)
			if tt.want != nil {
				want = []time.Time{start}
			}
			if diff := cmp.Diff(want, observed); diff != "" {
				t.Errorf("observed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReaderServesFreshUsageOfNodes(t *testing.T) {
	cell, u := &NodeCell{}, &Node{Time: start}
	if got, ok := newReader(start).Node(cell); ok {
		t.Errorf("an empty cell has %v", got)
	}
	if got, ok := newReader(start).Node(nil); ok {
		t.Errorf("no cell has %v", got)
	}
	cell.Publish(u, freshAt(start))
	if got, ok := newReader(start).Node(cell); !ok || got != u {
		t.Errorf("got %v, %t", got, ok)
	}
	if got, ok := newReader(start.Add(maxAge + 1)).Node(cell); ok {
		t.Errorf("stale usage is served: %v", got)
	}
}

func TestReaderHasTheResourceVersion(t *testing.T) {
	if got := newReader(start).ResourceVersion(); got != 7 {
		t.Errorf("got %d", got)
	}
}
