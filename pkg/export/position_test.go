package export

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// TestEachChangeIsExportedOnce has an observer lose events, and find all that is served in their place.
func TestEachChangeIsExportedOnce(t *testing.T) {
	var served []usage.Event // What All finds.
	var meanwhile func()     // What happens while All is read.
	o := usage.NewObserver(2, func(yield func(usage.Event) bool) {
		for _, e := range served {
			if !yield(e) {
				return
			}
		}
		if meanwhile != nil {
			meanwhile()
		}
	}, func(*usage.Observer) {})
	serve := func(all ...usage.Event) { served = all }
	var p position
	for _, step := range []struct {
		name   string
		happen func()
		want   []string
	}{
		{"all is new at the start", func() { serve(nodeEvent("a", 1), nodeEvent("b", 2)) }, []string{"a1", "b2"}},
		{"nothing happens", func() {}, nil},
		{"events that All had already", func() { o.Enqueue(nodeEvent("a", 1)); o.Enqueue(nodeEvent("b", 2)) }, nil},
		{"an event", func() { o.Enqueue(nodeEvent("a", 3)) }, []string{"a3"}},
		{"an object is gone", func() { o.Enqueue(usage.Event{Type: usage.Deleted, Key: usage.Key{Name: "b"}, ResourceVersion: 4}) }, []string{"b4"}},
		{"events are lost, and one more comes while All is read", func() {
			for version := range uint64(3) {
				o.Enqueue(nodeEvent("c", 5+version))
			}
			serve(nodeEvent("a", 3), nodeEvent("c", 7), nodeEvent("d", 9))
			meanwhile = func() { o.Enqueue(nodeEvent("a", 8)) }
		}, []string{"c7", "d9"}},
		{"that event, although another object had a higher version", func() { meanwhile = nil }, []string{"a8"}},
		{"the event of what All had", func() { o.Enqueue(nodeEvent("d", 9)) }, nil},
		{"events are lost again", func() {
			for version := range uint64(3) {
				o.Enqueue(nodeEvent("a", 10+version))
			}
			serve(nodeEvent("a", 12), nodeEvent("c", 7), nodeEvent("d", 9))
		}, []string{"a12"}},
		{"and at once again", func() {
			for range 3 {
				o.Enqueue(nodeEvent("c", 13))
			}
			serve(nodeEvent("a", 12), nodeEvent("c", 13), nodeEvent("d", 9))
		}, []string{"c13"}},
		{"an event after all that", func() { o.Enqueue(nodeEvent("d", 14)) }, []string{"d14"}},
	} {
		step.happen()
		if diff := cmp.Diff(step.want, names(p.changes(o))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}
	if p.ahead != nil {
		t.Errorf("kept versions of %v", p.ahead)
	}
}
