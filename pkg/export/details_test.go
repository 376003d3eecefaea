package export

import (
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// declared is what a cluster knows, by namespace/name of the pods.
type declared struct {
	labelled
	pods        map[string]Object
	allocations []Allocation
}

func (d declared) Pod(namespace, name string) (Object, bool) {
	o, ok := d.pods[namespace+"/"+name]
	return o, ok
}

func (d declared) Allocations() iter.Seq[Allocation] { return slices.Values(d.allocations) }

var day = time.Unix(1_785_924_000, 0)

// counted are the details of an object whose network has brought and taken so much, at a second of the day.
func counted(received, sent uint64, second int) *sample.Details {
	at := day.Add(time.Duration(second) * time.Second).UnixNano()
	return &sample.Details{
		Received: sample.Reading{Value: received, Time: at, Known: true}, Sent: sample.Reading{Value: sent, Time: at, Known: true},
	}
}

// ofPod is a reading of a node with one pod.
func ofPod(pod sample.Pod) *sample.Node { return &sample.Node{Pods: []sample.Pod{pod}} }

// detailsOf is a feed of a cluster with one pod on node n, and the queue that it empties.
func detailsOf(needs Needs) (*cluster, *DetailsQueue) {
	objects := declared{pods: map[string]Object{"ns/p": {Node: "n", UID: "u"}, "ns/half": {Node: "n", UID: "h"}, "ns/static": {Node: "n", UID: "s", Static: true}}}
	q := NewDetailsQueue(objects)
	needs.Details = true
	return newCluster(ObservedCluster{Name: "west", Objects: objects, Details: q, Resolution: 15 * time.Second}, needs), q
}

// collect returns the records of a feed that are due at a second of the day.
func collect(f feed, second int) []*Record {
	records := f(day.Add(time.Duration(second)*time.Second), func(func(usage.Event) bool) {})
	if records == nil {
		return nil
	}
	return slices.Collect(records)
}

// TestRatesOfTheNetwork has readings of one pod, a minute after each other unless the row says otherwise.
func TestRatesOfTheNetwork(t *testing.T) {
	tests := []struct {
		name   string
		second *sample.Details
		// at is the second of the day at which the exporter fetches it.
		at int
		// received and sent are the rates, and known is whether there are any.
		received, sent float64
		known          bool
		// reported is true where the counters are.
		reported bool
	}{
		{"counters that rise", counted(700, 200, 60), 60, 10, 0, true, true},
		{"a counter that falls", counted(99, 300, 60), 60, 0, 0, false, true},
		{"the other falls", counted(700, 199, 60), 60, 0, 0, false, true},
		{"counters that stand still", counted(100, 200, 60), 60, 0, 0, true, true},
		{"the reading before", counted(100, 200, 0), 60, 0, 0, false, false},
		{"an older one", counted(700, 200, -1), 60, 0, 0, false, false},
		{"after a long time", counted(700, 200, 601), 601, 0, 0, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, q := detailsOf(Needs{})
			q.PutDetails("n", ofPod(sample.Pod{Namespace: "ns", Name: "p", UID: "u", Details: counted(100, 200, 0)}))
			first := collect(c.feeds[0], 1)
			if len(first) != 1 || first[0].Details.RateTime != 0 || first[0].Details.Received.Value != 100 {
				t.Fatalf("the first reading: %+v", first)
			}
			q.PutDetails("n", ofPod(sample.Pod{Namespace: "ns", Name: "p", UID: "u", Details: tt.second}))
			d := collect(c.feeds[0], tt.at)[0].Details
			if d.ReceivedRate != tt.received || d.SentRate != tt.sent || (d.RateTime != 0) != tt.known || (d.Received.Time != 0) != tt.reported {
				t.Errorf("%+v", d)
			}
		})
	}
}

// TestAnotherPodOfTheNameHasNoRate has a pod be made anew, with counters that are higher than those of the one before.
func TestAnotherPodOfTheNameHasNoRate(t *testing.T) {
	c, q := detailsOf(Needs{})
	q.PutDetails("n", ofPod(sample.Pod{Namespace: "ns", Name: "p", UID: "u", Details: counted(1, 1, 0)}))
	collect(c.feeds[0], 1)
	q.objects.(declared).pods["ns/p"] = Object{Node: "n", UID: "another"}
	q.PutDetails("n", ofPod(sample.Pod{Namespace: "ns", Name: "p", UID: "another", Details: counted(61, 61, 60)}))
	if d := collect(c.feeds[0], 61)[0].Details; d.RateTime != 0 {
		t.Errorf("%+v", d)
	}
}

func TestDetailsBecomeRecords(t *testing.T) {
	c, q := detailsOf(Needs{Labels: true})
	at := day.UnixNano()
	known := func(n uint64) sample.Reading { return sample.Reading{Value: n, Time: at, Known: true} }
	rejected := sample.Reading{Rejected: sample.Negative}
	tooOld := sample.Reading{Value: 1, Time: at - int64(maxDetailAge) - 1, Known: true}
	ahead := sample.Reading{Value: 1, Time: at + int64(time.Minute) + 1, Known: true}
	q.PutDetails("n", ofPod(sample.Pod{Namespace: "ns", Name: "p", Details: counted(9, 9, 0)})) // The next replaces it.
	q.PutDetails("n", &sample.Node{
		Usage: sample.Usage{Start: 5, Details: &sample.Details{Memory: known(1), Filesystem: known(2), FilesystemLimit: known(3), Received: rejected, Sent: tooOld, Logs: ahead}},
		Pods: []sample.Pod{
			{Namespace: "ns", Name: "p", UID: "u", Start: 6, Details: counted(1, 2, 0), Containers: []sample.Container{
				{Name: "a", Usage: sample.Usage{Start: 7, Details: &sample.Details{Memory: known(4), Logs: known(5), LogsLimit: known(6)}}},
				{Name: "b", Usage: sample.Usage{Start: 7, Details: &sample.Details{Memory: sample.Reading{Value: 40, Time: at - 5, Known: true}}}},
			}},
			{Namespace: "ns", Name: "half", UID: "h", Containers: []sample.Container{
				{Name: "a", Usage: sample.Usage{Details: &sample.Details{Memory: known(4)}}}, {Name: "files", Usage: sample.Usage{Details: &sample.Details{Filesystem: known(3)}}},
			}},
			{Namespace: "ns", Name: "static", UID: "hash", Details: counted(1, 2, 0)},
			{Namespace: "ns", Name: "unknown", Details: counted(1, 2, 0)},
			{Namespace: "ns", Name: "p", UID: "of another pod of the name", Details: counted(1, 2, 0)},
		},
	})
	q.PutDetails("m", ofPod(sample.Pod{Namespace: "ns", Name: "p", UID: "u", Details: counted(1, 2, 0)})) // It is not on this node.
	network := &Details{Received: Reading{1, at}, Sent: Reading{2, at}}
	want := []*Record{
		{Level: Node, Cluster: "west", Node: "n", Labels: []string{"host", "n"}, Start: 5, Details: &Details{
			MemoryUsage: Reading{1, at}, Filesystem: Reading{2, at}, FilesystemLimit: Reading{3, at},
		}},
		{Level: Pod, Cluster: "west", Node: "n", Namespace: "ns", Pod: "p", UID: "u", Start: 6, Details: &Details{
			MemoryUsage: Reading{44, at - 5}, Received: network.Received, Sent: network.Sent,
		}},
		{Level: Container, Cluster: "west", Node: "n", Namespace: "ns", Pod: "p", UID: "u", Container: "a", Details: &Details{
			MemoryUsage: Reading{4, at}, Logs: Reading{5, at}, LogsLimit: Reading{6, at},
		}},
		{Level: Container, Cluster: "west", Node: "n", Namespace: "ns", Pod: "p", UID: "u", Container: "b", Details: &Details{MemoryUsage: Reading{40, at - 5}}},
		{Level: Container, Cluster: "west", Node: "n", Namespace: "ns", Pod: "half", UID: "h", Container: "a", Details: &Details{MemoryUsage: Reading{4, at}}},
		{Level: Container, Cluster: "west", Node: "n", Namespace: "ns", Pod: "half", UID: "h", Container: "files", Details: &Details{Filesystem: Reading{3, at}}},
		{Level: Pod, Cluster: "west", Node: "n", Namespace: "ns", Pod: "static", UID: "s", Details: network},
	}
	if diff := cmp.Diff(want, collect(c.feeds[0], 0)); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if again := collect(c.feeds[0], 1); again != nil {
		t.Errorf("the same once more: %v", again)
	}
}

// TestDetailsHaveTheTimesBefore is what a sink needs that writes fewer readings. Containers come in another order, and one is new.
func TestDetailsHaveTheTimesBefore(t *testing.T) {
	c, q := detailsOf(Needs{})
	reading := func(network, memory int, containers ...string) map[string]DetailTimes {
		n := ofPod(sample.Pod{Namespace: "ns", Name: "p", UID: "u", Details: counted(uint64(network), 1, network)})
		n.Details = counted(uint64(network), 1, network)
		for _, name := range containers {
			memory := sample.Reading{Value: 1, Time: day.Add(time.Duration(memory) * time.Second).UnixNano(), Known: true}
			n.Pods[0].Containers = append(n.Pods[0].Containers, sample.Container{Name: name, Usage: sample.Usage{Details: &sample.Details{Memory: memory}}})
		}
		q.PutDetails("n", n)
		got := map[string]DetailTimes{}
		for _, r := range collect(c.feeds[0], 60) {
			got[r.Pod+r.Container] = r.Details.Previous
		}
		return got
	}
	reading(1, 2, "a", "b")
	second := func(s int) int64 { return day.Add(time.Duration(s) * time.Second).UnixNano() }
	want := map[string]DetailTimes{
		"": {Network: second(1)}, "p": {Memory: second(2), Network: second(1)}, "pa": {Memory: second(2)}, "pb": {Memory: second(2)}, "pnew": {},
	}
	if diff := cmp.Diff(want, reading(31, 32, "new", "b", "a")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestNodesThatAreNotReadAreForgotten counts what is kept of nodes that come and go.
func TestNodesThatAreNotReadAreForgotten(t *testing.T) {
	c, q := detailsOf(Needs{Sums: true})
	d := c.sums.details
	for second := range 2000 {
		if second == 0 {
			q.PutDetails("n", ofPod(sample.Pod{Namespace: "ns", Name: "p", UID: "u", Details: counted(1, 2, 0)}))
		}
		collect(c.feeds[0], second)
		if kept := len(d.nodes); second < 600 && kept != 1 || second > 661 && kept != 0 {
			t.Fatalf("%d nodes are kept after %d seconds", kept, second)
		}
	}
}

// BenchmarkDetails makes records of one reading of a node with 30 pods of two containers.
func BenchmarkDetails(b *testing.B) {
	pods, n := map[string]Object{}, &sample.Node{Usage: sample.Usage{Details: counted(1, 1, 0)}}
	for i := range 30 {
		p := sample.Pod{Namespace: "ns", Name: fmt.Sprint("pod-", i), Details: counted(1, 1, 0)}
		for _, container := range []string{"app", "proxy"} {
			p.Containers = append(p.Containers, sample.Container{Name: container, Usage: sample.Usage{Details: counted(1, 1, 0)}})
		}
		n.Pods, pods["ns/"+p.Name] = append(n.Pods, p), Object{Node: "n", UID: p.Name}
	}
	objects := declared{pods: pods}
	q := NewDetailsQueue(objects)
	c := newCluster(ObservedCluster{Objects: objects, Details: q}, Needs{Details: true})
	b.ReportAllocs()
	for b.Loop() {
		q.PutDetails("n", n)
		if got := len(collect(c.feeds[0], 0)); got != 91 {
			b.Fatal(got)
		}
	}
}
