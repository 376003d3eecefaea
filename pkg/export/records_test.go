package export

import (
	"iter"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// labelled is what a cluster knows: each object has a label with its name.
type labelled struct{}

func (labelled) Pod(_, name string) (Object, bool) {
	return Object{Labels: maps.All(map[string]string{"app": name})}, true
}

func (labelled) Node(name string) (Object, bool) {
	return Object{Labels: maps.All(map[string]string{"host": name})}, name == "n"
}

func (labelled) Allocations() iter.Seq[Allocation] { return func(func(Allocation) bool) {} }

// all returns copies of the records of one change.
func all(needs Needs, c change) (records []Record) {
	from := newCluster(ObservedCluster{Name: "west", Objects: labelled{}}, needs)
	for r := range from.records([]change{c}) {
		copied := *r
		copied.Labels = append([]string(nil), r.Labels...)
		records = append(records, copied)
	}
	return records
}

func TestRecords(t *testing.T) {
	at := time.Unix(100, 5)
	extra := usage.Extras{{Resource: sample.Swap, Value: 3}}
	node := usage.Event{
		Key: usage.Key{Name: "n", UID: "n1"}, Node: &usage.Node{Time: at, Window: 15 * time.Second, CPU: 7, Memory: 8, Extra: extra},
		Accepted: []usage.Accepted{{Start: 1, CPU: 70, CPUTime: at.UnixNano(), Memory: 8, MemoryTime: 99}},
	}
	pod := usage.Event{
		Key: usage.Key{Namespace: "ns", Name: "p", UID: "u"},
		Pod: &usage.Pod{Node: "n", Time: at, Window: 15 * time.Second, Containers: []usage.Container{
			{Name: "a", CPU: 1, Memory: 2, Extra: extra}, {Name: "waits"}, {Name: "rated", CPU: 4, Memory: 8},
		}},
		Accepted: []usage.Accepted{{Start: 1, CPU: 10, CPUTime: at.UnixNano() + 3, Memory: 2, MemoryTime: 101}, {}, {Start: 2, Memory: 8, MemoryTime: 102}},
	}
	ofPod := func(level Level, container string, r Record) Record {
		r.Level, r.Cluster, r.Node, r.Namespace, r.Pod, r.UID, r.Container, r.Window = level, "west", "n", "ns", "p", "u", container, 15e9
		if r.Time == 0 {
			r.Time = at.UnixNano()
		}
		return r
	}
	pods := []Record{
		ofPod(Pod, "", Record{Rate: 5, Memory: Reading{10, at.UnixNano()}}),
		ofPod(Container, "a", Record{Rate: 1, Time: at.UnixNano() + 3, Start: 1, CPU: Reading{10, at.UnixNano() + 3}, Memory: Reading{2, 101}, Extra: extra}),
		ofPod(Container, "rated", Record{Rate: 4, Start: 2, Memory: Reading{8, 102}}),
	}
	found := append([]Record(nil), pods...)
	found[1].Time, found[2].Time = 0, 0 // The readings may be newer than the rates.
	for _, tc := range []struct {
		name   string
		change change
		want   []Record
	}{
		{"a node", change{Event: node}, []Record{{
			Level: Node, Cluster: "west", Node: "n", Start: 1, Rate: 7, Time: at.UnixNano(), Window: 15e9,
			CPU: Reading{70, at.UnixNano()}, Memory: Reading{8, 99}, Extra: extra,
		}}},
		{"a pod, of which one container waits to be started again", change{Event: pod}, pods},
		{"a pod that was found", change{Event: pod, found: true}, found},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, all(Needs{}, tc.change), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			for _, r := range all(Needs{Labels: true}, tc.change) {
				want := []string{"app", r.Pod}
				if r.Level == Node {
					want = []string{"host", "n"}
				}
				if diff := cmp.Diff(want, r.Labels); diff != "" {
					t.Errorf("labels of %s %s (-want +got):\n%s", r.Pod, r.Container, diff)
				}
			}
		})
	}
}

// TestRecordsEndEarly has a sink want no further record.
func TestRecordsEndEarly(t *testing.T) {
	pod := usage.Event{
		Pod:      &usage.Pod{Time: time.Unix(1, 0), Containers: make([]usage.Container, 3)},
		Accepted: []usage.Accepted{{CPUTime: 1}, {CPUTime: 1}, {CPUTime: 1}},
	}
	for most := 1; most <= 8; most++ {
		seen := 0
		for range newCluster(ObservedCluster{}, Needs{}).records([]change{{Event: pod}, {Event: pod}}) {
			if seen++; seen == most {
				break
			}
		}
		if seen != most {
			t.Errorf("%d records, want %d", seen, most)
		}
	}
}
