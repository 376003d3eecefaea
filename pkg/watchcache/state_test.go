package watchcache

import (
	"fmt"
	"iter"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// thing is an object of a small cluster.
type thing struct {
	name, uid, label string
	ended            bool
	cell             *usage.PodCell
}

// cluster are the objects by their names.
type cluster map[string]*thing

// sent is an object in a line.
type sent struct {
	metav1.TypeMeta
	line string
}

func (s *sent) DeepCopyObject() runtime.Object { return s }

func (c cluster) resource() *Resource[*thing, usage.Pod] {
	item := func(t *thing, u *usage.Pod) runtime.Object {
		return &sent{line: fmt.Sprintf("%s/%s %s@%d", t.name, t.uid, t.label, u.ResourceVersion)}
	}
	return &Resource[*thing, usage.Pod]{
		All:         func() iter.Seq[*thing] { return maps.Values(c) },
		Find:        func(_, name string) (*thing, bool) { t, ok := c[name]; return t, ok },
		Key:         func(t *thing) usage.Key { return usage.Key{Namespace: "ns", Name: t.name, UID: t.uid} },
		Cell:        func(t *thing) *usage.PodCell { return t.cell },
		Usage:       func(e usage.Event) (*usage.Pod, bool) { return e.Pod, e.Key.Namespace != "" },
		Version:     func(u *usage.Pod) uint64 { return u.ResourceVersion },
		WithVersion: (*usage.Pod).WithVersion,
		Serves:      func(t *thing, _ *usage.Pod) bool { return !t.ended },
		Item:        item, Shared: item, First: item,
	}
}

func (c cluster) set(name, uid, label string, ended bool) {
	c[name] = &thing{name, uid, label, ended, &usage.PodCell{}}
}

func published(name, uid string, version uint64) *usage.Event {
	return &usage.Event{Key: usage.Key{Namespace: "ns", Name: name, UID: uid}, ResourceVersion: version, Pod: &usage.Pod{ResourceVersion: version}}
}

func ended(t usage.EventType, name, uid string, version uint64) *usage.Event {
	return &usage.Event{Type: t, Key: usage.Key{Namespace: "ns", Name: name, UID: uid}, ResourceVersion: version}
}

// TestChanges has what a watcher is sent that selects all, or one label.
func TestChanges(t *testing.T) {
	for _, tt := range []struct {
		name string
		// change changes the objects, and returns the event that follows.
		change     func(cluster) *usage.Event
		all, label string
	}{
		{"new usage", func(cluster) *usage.Event { return published("a", "1", 11) }, "MODIFIED a/1 x@11", "MODIFIED a/1 x@11"},
		{"usage of a new object", func(c cluster) *usage.Event {
			c.set("b", "2", "x", false)
			return published("b", "2", 11)
		}, "ADDED b/2 x@11", "ADDED b/2 x@11"},
		{"usage that expires", func(cluster) *usage.Event { return ended(usage.Expired, "a", "1", 11) }, "DELETED a/1 x@11", "DELETED a/1 x@11"},
		{"an object that is deleted", func(c cluster) *usage.Event {
			delete(c, "a")
			return ended(usage.Deleted, "a", "1", 11)
		}, "DELETED a/1 x@11", "DELETED a/1 x@11"},
		{"a label that changes", func(c cluster) *usage.Event {
			c.set("a", "1", "y", false)
			return published("a", "1", 11)
		}, "MODIFIED a/1 y@11", "DELETED a/1 x@11"},
		{"a pod that ends", func(c cluster) *usage.Event {
			c.set("a", "1", "x", true)
			return published("a", "1", 11)
		}, "DELETED a/1 x@11", "DELETED a/1 x@11"},
		{"another object of the name, before the end of the first", func(c cluster) *usage.Event {
			c.set("a", "9", "x", false)
			return published("a", "9", 11)
		}, "DELETED a/1 x@11 ADDED a/9 x@11", "DELETED a/1 x@11 ADDED a/9 x@11"},
		{"usage of an object that is no more", func(c cluster) *usage.Event {
			c.set("a", "9", "x", false)
			return published("a", "1", 11)
		}, "DELETED a/1 x@11", "DELETED a/1 x@11"},
		{"the end of an object that another has replaced", func(cluster) *usage.Event { return ended(usage.Deleted, "a", "0", 11) }, "", ""},
		{"the end of what was not served", func(cluster) *usage.Event { return ended(usage.Expired, "b", "2", 11) }, "", ""},
		{"usage that the state was built with", func(cluster) *usage.Event { return published("a", "1", 10) }, "", ""},
		{"an end before the state was built", func(cluster) *usage.Event { return ended(usage.Expired, "a", "1", 9) }, "", ""},
		{"usage of an unknown object", func(cluster) *usage.Event { return published("b", "2", 11) }, "", ""},
		{"another resource", func(cluster) *usage.Event {
			return &usage.Event{Key: usage.Key{Name: "a", UID: "1"}, Node: &usage.Node{}, ResourceVersion: 11}
		}, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := cluster{}
			c.set("a", "1", "x", false)
			c["a"].cell.Publish(&usage.Pod{ResourceVersion: 10}, usage.Freshness{Seen: 1, Advanced: 1})
			s := newState(c.resource(), 8)
			if s.version != 10 {
				t.Errorf("the state is built at %d", s.version)
			}
			e := tt.change(c)
			changes := s.apply(nil, e)
			if diff := cmp.Diff([]string{tt.all, tt.label}, []string{seen(t, changes, ""), seen(t, changes, "x")}); diff != "" {
				t.Errorf("events for all, and for one label (-want +got):\n%s", diff)
			}
			if s.version != max(10, e.ResourceVersion) {
				t.Errorf("the state is at %d", s.version)
			}
		})
	}
}

// seen is what a watcher is sent that selects a label; all where it is empty.
func seen(t *testing.T, changes []*change[*thing, usage.Pod], label string) string {
	t.Helper()
	w := &watcher[*thing, usage.Pod]{cache: &Cache[*thing, usage.Pod]{}, session: &session[*thing, usage.Pod]{}, result: make(chan watch.Event, 8)}
	w.request.Selects = func(t *thing) bool { return label == "" || t.label == label }
	w.sendChanges(t.Context(), newBatch(changes, uint64(len(changes)), 0))
	close(w.result)
	var lines []string
	for e := range w.result {
		lines = append(lines, string(e.Type)+" "+e.Object.(*sent).line)
	}
	return strings.Join(lines, " ")
}
