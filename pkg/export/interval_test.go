package export

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// asked counts how often the cluster was asked for a pod.
type asked struct {
	labelled
	pods int
}

func (a *asked) Pod(namespace, name string) (Object, bool) {
	a.pods++
	return a.labelled.Pod(namespace, name)
}

// TestFirstUsageOfEachInterval has usage of a pod at these seconds. What the cluster knows of the pod is asked for once for each usage that is needed.
func TestFirstUsageOfEachInterval(t *testing.T) {
	seconds := []int64{50, 65, 80, 119, 120, 135, 290}
	for interval, want := range map[time.Duration][]int64{time.Minute: {50, 65, 120, 290}, 0: seconds} {
		objects := &asked{}
		c := newCluster(ObservedCluster{Objects: objects}, Needs{Labels: true, Interval: interval})
		var got []int64
		for i, s := range seconds {
			at := time.Unix(s, 0)
			event := usage.Event{
				Key: usage.Key{Namespace: "ns", Name: "p", UID: "u"}, ResourceVersion: uint64(i) + 1, Accepted: []usage.Accepted{{CPUTime: at.UnixNano(), MemoryTime: at.UnixNano()}},
				Pod: &usage.Pod{Time: at, Containers: []usage.Container{{Name: "c"}}},
			}
			for r := range c.records(c.latest.follow(nil, []change{{Event: event}}, at.UnixNano())) {
				if diff := cmp.Diff([]string{"app", "p"}, r.Labels); diff != "" {
					t.Errorf("labels (-want +got):\n%s", diff)
				}
				if r.Level == Container {
					got = append(got, r.Time/int64(time.Second))
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || objects.pods != len(want) {
			t.Errorf("every %v: the pod was asked for %d times (-want +got):\n%s", interval, objects.pods, diff)
		}
	}
}

// TestSumsOfEachInterval has the sums come in each interval, however the seconds fall at which they are due.
func TestSumsOfEachInterval(t *testing.T) {
	c, _ := detailsOf(Needs{Sums: true, Interval: time.Minute})
	all := slices.Values([]usage.Event{served("ns", "p", 1)})
	minutes := map[int64]int{}
	begin := time.Unix(600, 0)
	for at := begin; at.Before(begin.Add(time.Hour)); at = at.Add(1001 * time.Millisecond) {
		if c.sums.due(at, all) != nil {
			minutes[at.Unix()/60]++
		}
	}
	for minute := begin.Unix() / 60; minute < begin.Unix()/60+60; minute++ {
		if minutes[minute] != 1 {
			t.Errorf("in minute %d the sums came %d times", minute, minutes[minute])
		}
	}
}

func TestAllNeeds(t *testing.T) {
	minutely, all := Sink{Needs: Needs{Labels: true, Interval: time.Minute}}, Sink{Needs: Needs{Ends: true}}
	for _, tt := range []struct {
		sinks []Sink
		want  Needs
	}{
		{nil, Needs{}},
		{[]Sink{minutely}, Needs{Labels: true, Interval: time.Minute}},
		{[]Sink{all, minutely}, Needs{Labels: true, Ends: true}},
		{[]Sink{minutely, all}, Needs{Labels: true, Ends: true}},
	} {
		if diff := cmp.Diff(tt.want, AllNeeds(tt.sinks)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
