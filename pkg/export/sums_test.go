package export

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// served is a pod that is served, with containers of one nanocore and two bytes each.
func served(namespace, name string, containers int) usage.Event {
	u := &usage.Pod{Node: "n", Time: day}
	for range containers {
		u.Containers = append(u.Containers, usage.Container{Name: "c", CPU: 1, Memory: 2})
	}
	return usage.Event{Key: usage.Key{Namespace: namespace, Name: name}, Pod: u}
}

func TestSums(t *testing.T) {
	c, q := detailsOf(Needs{Sums: true, Resources: true})
	c.Objects = declared{allocations: []Allocation{
		{"a", "n", Amounts{100, 10}, Amounts{200, 20}}, {"a", "m", Amounts{1, 1}, Amounts{2, 2}}, {"b", "n", Amounts{1000, 100}, Amounts{}},
		{"nothing-served", "n", Amounts{5, 5}, Amounts{5, 5}},
	}}
	q.PutDetails("n", ofPod(sample.Pod{Namespace: "ns", Name: "p", UID: "u", Containers: []sample.Container{
		{Name: "x", Usage: sample.Usage{Details: &sample.Details{Memory: sample.Reading{Value: 7, Time: day.UnixNano(), Known: true}}}},
	}}))
	collect(c.feeds[0], 0)
	all := slices.Values([]usage.Event{
		served("ns", "p", 2), served("a", "p", 1), served("b", "p", 3), {Key: usage.Key{Name: "n"}, Node: &usage.Node{CPU: 99}},
	})
	at := day.UnixNano()
	sum := func(l Level, namespace string, cpu, memory uint64, requests, limits Amounts) *Record {
		return &Record{
			Level: l, Cluster: "west", Namespace: namespace, Rate: cpu, Time: at, Window: 15e9, Memory: Reading{memory, at}, Requests: &requests, Limits: &limits,
		}
	}
	want := []*Record{
		sum(Namespace, "a", 1, 2, Amounts{101, 11}, Amounts{202, 22}), sum(Namespace, "b", 3, 6, Amounts{1000, 100}, Amounts{}),
		sum(Namespace, "ns", 2, 4, Amounts{}, Amounts{}), sum(Cluster, "", 6, 12, Amounts{1106, 116}, Amounts{207, 27}),
		{Level: Namespace, Cluster: "west", Namespace: "ns", Details: &Details{MemoryUsage: Reading{7, at}}},
		{Level: Cluster, Cluster: "west", Details: &Details{MemoryUsage: Reading{7, at}}},
	}
	records := c.sums.due(day, all)
	for range 2 { // Each sink iterates.
		if diff := cmp.Diff(want, slices.Collect(records)); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
	}
	if again := c.sums.due(day.Add(14*time.Second), all); again != nil {
		t.Error("the sums come twice in a resolution")
	}
	again := c.sums.due(day.Add(15*time.Second), all)
	if again == nil {
		t.Fatal("the sums do not come once in a resolution")
	}
	for r := range again {
		before := r.Previous
		if r.Details != nil {
			before = r.Details.Previous.Memory
		}
		if before != at {
			t.Errorf("the sums before were at %d, and not at %d", at, before)
		}
	}
	node := slices.Collect(c.records([]change{{Event: usage.Event{Key: usage.Key{Name: "n"}, Node: &usage.Node{Time: day}}}}))[0]
	if diff := cmp.Diff([]*Amounts{{1105, 115}, {205, 25}}, []*Amounts{node.Requests, node.Limits}); diff != "" {
		t.Errorf("of the node (-want +got):\n%s", diff)
	}
}

func TestSumsOfNothing(t *testing.T) {
	c, _ := detailsOf(Needs{Sums: true, Resources: true})
	if records := c.sums.due(day, slices.Values([]usage.Event(nil))); records != nil {
		t.Errorf("%v", slices.Collect(records))
	}
}

// TestResourcesOfContainers has a pod of two containers, of which the cluster knows what one requests.
func TestResourcesOfContainers(t *testing.T) {
	c, _ := detailsOf(Needs{Resources: true})
	c.Objects = declared{pods: map[string]Object{"ns/p": {Resources: func(container string) (requests, limits Amounts) {
		if container == "known" {
			return Amounts{1, 2}, Amounts{3, 4}
		}
		return
	}}}}
	e := usage.Event{
		Key: usage.Key{Namespace: "ns", Name: "p"}, Pod: &usage.Pod{Time: day, Containers: []usage.Container{{Name: "known"}, {Name: "other"}}},
		Accepted: []usage.Accepted{{CPUTime: 1}, {CPUTime: 1}},
	}
	var got [][2]Amounts
	for r := range c.records([]change{{Event: e}}) {
		got = append(got, [2]Amounts{*r.Requests, *r.Limits})
	}
	want := [][2]Amounts{{{1, 2}, {3, 4}}, {{1, 2}, {3, 4}}, {}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("of the pod and the containers (-want +got):\n%s", diff)
	}
}
