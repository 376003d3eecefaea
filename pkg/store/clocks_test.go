package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// TestClockOfTheServerOrOfANode has nodes report, one after the other, by how many seconds they are ahead of the server.
func TestClockOfTheServerOrOfANode(t *testing.T) {
	type report struct {
		node  string
		ahead int
	}
	const none = 1 << 30 // The node reports no reading.
	tests := []struct {
		name    string
		reports []report
		// node and most are by how many seconds the server is behind the last node, and behind most.
		node, most int
	}{
		{"one node on time", []report{{"a", 0}}, 0, 0},
		{"one node, a minute ahead", []report{{"a", 60}}, 0, 0},
		{"one node, further ahead", []report{{"a", 61}}, 61, 61},
		{"a node that was on time, once", []report{{"a", 0}, {"a", 90}}, 0, 0},
		{"a node that was on time, twice", []report{{"a", 0}, {"a", 90}, {"a", 85}}, 85, 85},
		{"a node whose readings differ by the age of a reading", []report{{"a", 90}, {"a", 120}}, 120, 120},
		{"a node whose readings leap", []report{{"a", 90}, {"a", 190}}, 0, 0},
		{"one of two", []report{{"a", 90}, {"b", 0}}, 0, 0},
		{"two of three, seen from one", []report{{"c", 0}, {"a", 90}, {"b", 120}}, 120, 120},
		{"two of three, seen from the other", []report{{"a", 90}, {"b", 120}, {"c", 0}}, 0, 120},
		{"two of four", []report{{"a", 90}, {"b", 120}, {"c", 0}, {"d", 0}}, 0, 0},
		{"until it is set right", []report{{"a", 90}, {"b", 90}, {"a", 0}, {"b", 1}}, 0, 0},
		{"a node without readings has no vote", []report{{"a", 90}, {"b", none}}, 90, 90},
		{"a node without readings, and one of two", []report{{"a", 90}, {"b", 0}, {"c", none}}, 0, 0},
		{"a node that has no readings any more", []report{{"a", 90}, {"b", 80}, {"a", none}}, 80, 80},
		{"all are behind the server", []report{{"a", -90}, {"b", -90}}, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := clocks{nodes: map[string]nodeClock{}}
			var node, most int64
			now := start.UnixNano()
			for _, r := range tt.reports {
				u := usageAt(start.Add(time.Duration(r.ahead)*time.Second), 1, 1)
				if r.ahead == none {
					u = sample.Usage{}
				}
				node, most = c.report(r.node, &u, now)
			}
			got := []time.Duration{time.Duration(node), time.Duration(most)}
			want := []time.Duration{time.Duration(tt.node) * time.Second, time.Duration(tt.most) * time.Second}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("behind the node, and most (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDeletedNodeHasNoVote(t *testing.T) {
	b := newEnv(t, maxAge)
	ahead := func(node string) PutResult {
		u := usageAt(b.clock.Now().Add(2*time.Minute), 1, 1)
		return b.store.Put(Identity{Name: node}, &sample.Node{Usage: u})
	}
	b.store.Put(Identity{Name: "on-time"}, &sample.Node{Usage: b.usage(1, 1)})
	if s := ahead("a"); s.Behind != 0 {
		t.Errorf("one of two is ahead, and the server is reported to be behind by %s", s.Behind)
	}
	b.store.Delete("on-time")
	if s := ahead("a"); s.Behind != 2*time.Minute {
		t.Errorf("all nodes are ahead by two minutes, and the server is reported to be behind by %s", s.Behind)
	}
	b.store.Delete("a")
	if len(b.store.clocks.nodes) != 0 || b.store.clocks.ahead != 0 {
		t.Errorf("without nodes there are votes: %+v", b.store.clocks.nodes)
	}
}
