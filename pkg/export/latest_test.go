package export

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// podEvent is that of usage of pod p at so many seconds, with containers a and b, whose readings are at so many seconds; 0 is one that waits.
func podEvent(uid string, version uint64, at, a, b int64) usage.Event {
	accepted := func(at int64) usage.Accepted {
		if at == 0 {
			return usage.Accepted{}
		}
		return usage.Accepted{CPU: 1, CPUTime: at * 1e9, Memory: 1, MemoryTime: at*1e9 + 1e9}
	}
	return usage.Event{
		Key: usage.Key{Namespace: "ns", Name: "p", UID: uid}, ResourceVersion: version,
		Pod:      &usage.Pod{Node: "n", Time: time.Unix(at, 0), Containers: []usage.Container{{Name: "a", CPU: 1}, {Name: "b", CPU: 1}}},
		Accepted: []usage.Accepted{accepted(a), accepted(b)},
	}
}

func ended(t usage.EventType, uid string, version uint64) usage.Event {
	return usage.Event{Type: t, Key: usage.Key{Namespace: "ns", Name: "p", UID: uid}, ResourceVersion: version}
}

// lines are the records with the seconds of their rate, CPU time and memory.
func lines(c *cluster, changes []change) (all []string) {
	for r := range c.records(changes) {
		what := r.Node + r.Pod + r.Container
		if r.UID != "" {
			what += "u" + r.UID
		}
		if r.Gone {
			what = "gone " + what
		}
		all = append(all, fmt.Sprint(what, " ", r.Time/1e9, " ", r.CPU.Time/1e9, " ", r.Memory.Time/1e9))
	}
	return all
}

func TestReadingsAreExportedOnceAndInTheirOrder(t *testing.T) {
	var served []usage.Event
	o := usage.NewObserver(2, func(yield func(usage.Event) bool) {
		for _, e := range served {
			if !yield(e) {
				return
			}
		}
	}, func(*usage.Observer) {})
	c := newCluster(ObservedCluster{}, Needs{})
	node := func(version uint64, at, cpu int64) usage.Event {
		e := nodeEvent("m", version)
		e.Node.Time, e.Accepted = time.Unix(at, 0), []usage.Accepted{{CPUTime: cpu * 1e9, MemoryTime: cpu * 1e9}}
		return e
	}
	for _, step := range []struct {
		name   string
		events []usage.Event
		want   []string
	}{
		{"what was published before the start", nil, nil},
		{"first", []usage.Event{podEvent("1", 1, 10, 10, 12)}, []string{"npu1 10 0 10", "npau1 10 10 11", "npbu1 12 12 13"}},
		{"one container's readings are newer, and the time of the pod is not", []usage.Event{podEvent("1", 2, 10, 10, 20)}, []string{"npbu1 20 20 21"}},
		{"the other one's", []usage.Event{podEvent("1", 3, 20, 25, 20)}, []string{"npu1 20 0 20", "npau1 25 25 26"}},
		{"a container waits, and the pod's time is older", []usage.Event{podEvent("1", 4, 19, 25, 0)}, nil},
		{"the pod's time is one that was exported", []usage.Event{podEvent("1", 5, 20, 25, 40)}, []string{"npbu1 40 40 41"}},
		{"another object's end", []usage.Event{ended(usage.Deleted, "0", 6)}, nil},
		{"usage too old", []usage.Event{ended(usage.Expired, "1", 7)}, []string{"gone npu1 20 0 20", "gone npau1 25 25 26", "gone npbu1 40 40 41"}},
		{"deleted after that", []usage.Event{ended(usage.Deleted, "1", 8)}, nil},
		{"usage again", []usage.Event{podEvent("1", 9, 50, 50, 50)}, []string{"npu1 50 0 50", "npau1 50 50 51", "npbu1 50 50 51"}},
		{"a pod of the same name, before the end of the first", []usage.Event{podEvent("2", 10, 60, 60, 0), ended(usage.Deleted, "1", 11)}, []string{
			"gone npu1 50 0 50", "gone npau1 50 50 51", "gone npbu1 50 50 51", "npu2 60 0 60", "npau2 60 60 61",
		}},
		{"a node", []usage.Event{node(12, 10, 11)}, []string{"m 10 11 11"}},
		{"a node whose memory and CPU time are old", []usage.Event{node(13, 20, 11)}, []string{"m 20 0 0"}},
		{"events are lost, and the pod is gone", []usage.Event{node(14, 30, 30), node(15, 40, 40), node(16, 50, 50)}, []string{
			"m 50 50 50", "gone npu2 60 0 60", "gone npau2 60 60 61",
		}},
	} {
		for _, e := range step.events {
			o.Enqueue(e)
		}
		served = step.events[max(0, len(step.events)-1):]
		if diff := cmp.Diff(step.want, lines(c, c.changes(o))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}
	if len(c.latest) != 1 {
		t.Errorf("%d objects are kept", len(c.latest))
	}
}

// TestRecordsHaveTheTimeOfTheRateBefore is what a sink needs that writes fewer samples.
func TestRecordsHaveTheTimeOfTheRateBefore(t *testing.T) {
	c := newCluster(ObservedCluster{}, Needs{})
	for i, at := range []int64{10, 25, 40} {
		var got []int64
		for r := range c.records(c.latest.follow(nil, []change{{Event: podEvent("1", uint64(i), at, at, at+1)}}, at)) {
			got = append(got, r.Previous/1e9)
		}
		want := [][]int64{{0, 0, 0}, {10, 10, 11}, {25, 25, 26}}[i]
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("of the pod and its containers at %d s (-want +got):\n%s", at, diff)
		}
	}
}

// TestReadingThatIsReportedAgain has a kubelet report the readings again that it had before a scrape failed, where a failure hides usage: they were exported,
// before their end.
func TestReadingThatIsReportedAgain(t *testing.T) {
	c := newCluster(ObservedCluster{}, Needs{})
	for _, step := range []struct {
		name  string
		event usage.Event
		// at is when the event comes, in seconds.
		at   int64
		want []string
	}{
		{"first", podEvent("1", 1, 10, 10, 12), 12, []string{"npu1 10 0 10", "npau1 10 10 11", "npbu1 12 12 13"}},
		{"a scrape fails", ended(usage.Expired, "1", 2), 20, []string{"gone npu1 10 0 10", "gone npau1 10 10 11", "gone npbu1 12 12 13"}},
		{"the readings again", podEvent("1", 3, 10, 10, 12), 30, nil},
		{"new readings", podEvent("1", 4, 25, 25, 27), 40, []string{"npu1 25 0 25", "npau1 25 25 26", "npbu1 27 27 28"}},
		{"a scrape fails again", ended(usage.Expired, "1", 5), 50, []string{"gone npu1 25 0 25", "gone npau1 25 25 26", "gone npbu1 27 27 28"}},
		{"another pod of the name", podEvent("2", 6, 26, 26, 27), 60, []string{"npu2 26 0 26", "npau2 26 26 27", "npbu2 27 27 28"}},
		{"that one's scrape fails", ended(usage.Expired, "2", 7), 70, []string{"gone npu2 26 0 26", "gone npau2 26 26 27", "gone npbu2 27 27 28"}},
	} {
		if diff := cmp.Diff(step.want, lines(c, c.latest.follow(nil, []change{{Event: step.event}}, step.at*1e9))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}
	if c.latest.forget(70e9); len(c.latest) != 1 {
		t.Errorf("%d objects are kept, want that which has just ended", len(c.latest))
	}
	if c.latest.forget(71e9); len(c.latest) != 0 {
		t.Errorf("%d objects are kept, want none", len(c.latest))
	}
}

// TestWhatHasEndedIsForgotten has the usage of a pod become too old: a while later nothing is kept of it.
func TestWhatHasEndedIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, o := newCluster(ObservedCluster{}, Needs{}), observerOf(10)
		c.changes(o) // The first batch is what was published before.
		for _, e := range []usage.Event{podEvent("1", 1, 10, 10, 10), ended(usage.Expired, "1", 2)} {
			o.Enqueue(e)
			c.changes(o)
		}
		for _, kept := range []int{1, 0} {
			if len(c.latest) != kept {
				t.Errorf("%d objects are kept, want %d", len(c.latest), kept)
			}
			for range 3 {
				time.Sleep(time.Minute)
				c.changes(o)
			}
		}
	})
}
