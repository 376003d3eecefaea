package nodemetrics_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/metrics/pkg/apis/metrics"

	"github.com/plimsoll/plimsoll/pkg/registry/nodemetrics"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

type nodes []*corev1.Node

func (ns nodes) Get(name string) (*corev1.Node, bool) {
	i := slices.IndexFunc(ns, func(n *corev1.Node) bool { return n.Name == name })
	if i < 0 {
		return nil, false
	}
	return ns[i], true
}

func (ns nodes) List(_ context.Context, selector labels.Selector) ([]*corev1.Node, error) {
	return slices.DeleteFunc(slices.Clone(ns), func(n *corev1.Node) bool { return !selector.Matches(labels.Set(n.Labels)) }), nil
}

// usages are published in slots, by the name of the node.
type usages struct {
	slots map[string]*usage.NodeCell
	used  map[*usage.NodeCell]usage.Node
	// slotting is counted by those who change slots, looked by NodeSlot.
	slotting uint64
	looked   int
}

func using(byName map[string]usage.Node) *usages {
	u := &usages{slots: map[string]*usage.NodeCell{}, used: map[*usage.NodeCell]usage.Node{}}
	for name, used := range byName {
		u.slots[name] = &usage.NodeCell{}
		u.used[u.slots[name]] = used
	}
	return u
}

func (u *usages) NodeSlot(name string) *usage.NodeCell { u.looked++; return u.slots[name] }
func (u *usages) Slotting() uint64                     { return u.slotting }

func (u *usages) NodeIn(slot *usage.NodeCell) (*usage.Node, bool) {
	used, ok := u.used[slot]
	return &used, ok
}

func (u *usages) Generation() uint64 { return 7 }

type causes struct{ warming error }

func (c causes) Node(name string) string { return name + " does not answer" }
func (c causes) Warming() error          { return c.warming }

var (
	sampled = time.Date(2026, 8, 21, 10, 0, 5, 0, time.UTC)
	used    = usage.Node{Time: sampled, Window: 15 * time.Second, CPU: 1_250_000_001, Memory: 3 << 30, ResourceVersion: 5}
)

func node(name string) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{
		Name: name, UID: types.UID("uid-" + name), ResourceVersion: "4711",
		CreationTimestamp: metav1.NewTime(sampled.Add(-time.Hour)),
		Labels:            map[string]string{"zone": "z1"},
		Annotations:       map[string]string{"note": "not shown"},
	}}
}

// api is what was returned as one of the API's types.
func api(object runtime.Object) runtime.Object {
	return object.(interface{ API() runtime.Object }).API()
}

func TestGet(t *testing.T) {
	got, err := nodemetrics.NewREST(nodes{node("n1")}, using(map[string]usage.Node{"n1": used}), causes{}).Get(t.Context(), "n1", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := &metrics.NodeMetrics{
		ObjectMeta: metav1.ObjectMeta{
			Name: "n1", UID: "uid-n1", ResourceVersion: "5",
			CreationTimestamp: metav1.NewTime(sampled.Add(-time.Hour)),
			Labels:            map[string]string{"zone": "z1"},
		},
		Timestamp: metav1.NewTime(sampled),
		Window:    metav1.Duration{Duration: 15 * time.Second},
		Usage:     corev1.ResourceList{"cpu": resource.MustParse("1250000001n"), "memory": resource.MustParse("3Gi")},
	}
	if diff := cmp.Diff(want, api(got)); diff != "" {
		t.Error(diff)
	}
}

func TestNotServed(t *testing.T) {
	timeless, windowless, wrapped := used, used, used
	timeless.Time, windowless.Window, wrapped.Memory = time.Time{}, 0, math.MaxUint64
	tests := []struct {
		name  string
		usage *usages
	}{
		{"without numbers", using(nil)},
		{"without a time", using(map[string]usage.Node{"n1": timeless})},
		{"without a window", using(map[string]usage.Node{"n1": windowless})},
		{"with an impossible number", using(map[string]usage.Node{"n1": wrapped})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			object, err := nodemetrics.NewREST(nodes{node("n1")}, tt.usage, causes{}).Get(t.Context(), "n1", nil)
			if object != nil || err == nil {
				t.Fatalf("Get gave %v, %v, want an error alone", object, err)
			}
			if want := `nodes.metrics.k8s.io "n1" not found: n1 does not answer`; err.Error() != want {
				t.Errorf("Get gave error %q, want %q", err, want)
			}
		})
	}
}

func TestList(t *testing.T) {
	rest := nodemetrics.NewREST(nodes{node("n1"), node("n2"), node("n3")}, using(map[string]usage.Node{"n1": used, "n2": used}), causes{})
	tests := []struct {
		name, fields string
		want         []string
	}{
		{"all that have numbers", "", []string{"n1", "n2"}},
		{"by name", "metadata.name=n2", []string{"n2"}},
		{"in a namespace", "metadata.namespace=shop", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			object, err := rest.List(t.Context(), &internalversion.ListOptions{FieldSelector: fields.ParseSelectorOrDie(tt.fields)})
			if err != nil {
				t.Fatal(err)
			}
			list := api(object).(*metrics.NodeMetricsList)
			var names []string
			for _, item := range list.Items {
				names = append(names, item.Name)
			}
			if diff := cmp.Diff(tt.want, names); diff != "" || list.Items == nil || list.ResourceVersion != "7" {
				t.Errorf("items nil: %t, resource version %q, %s", list.Items == nil, list.ResourceVersion, diff)
			}
		})
	}
}

func TestListRefuses(t *testing.T) {
	tests := []struct {
		name, fields string
		warming      error
	}{
		{"while warming", "", errors.New("no node has been scraped")},
		{"a field of pods", "spec.nodeName=n1", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rest := nodemetrics.NewREST(nodes{node("n1")}, using(map[string]usage.Node{"n1": used}), causes{tt.warming})
			got, err := rest.List(t.Context(), &internalversion.ListOptions{FieldSelector: fields.ParseSelectorOrDie(tt.fields)})
			if got != nil || err == nil {
				t.Errorf("List gave %v, %v, want an error alone", got, err)
			}
		})
	}
}

// TestListLooksUpSlotsOnce lists again and again: slots are looked up where the nodes are others than before, or the slots may be.
func TestListLooksUpSlotsOnce(t *testing.T) {
	other := usage.Node{Time: sampled, Window: time.Second, CPU: 1, Memory: 1}
	steps := []struct {
		name   string
		change func(*nodes, *usages)
		looked int
		want   []string
	}{
		{"the first", func(*nodes, *usages) {}, 3, []string{"n1", "n3"}},
		{"the next", func(*nodes, *usages) {}, 0, []string{"n1", "n3"}},
		{"after a node has changed", func(ns *nodes, _ *usages) { (*ns)[1] = node("n2") }, 3, []string{"n1", "n3"}},
		{"after a node has come", func(ns *nodes, _ *usages) { *ns = append(*ns, node("n4")) }, 4, []string{"n1", "n3"}},
		{"after two got slots", func(_ *nodes, u *usages) {
			for _, name := range []string{"n2", "n4"} {
				u.slots[name] = &usage.NodeCell{}
				u.used[u.slots[name]] = other
			}
			u.slotting++
		}, 4, []string{"n1", "n2", "n3", "n4"}},
		{"after one lost it", func(_ *nodes, u *usages) { delete(u.slots, "n1"); u.slotting++ }, 4, []string{"n2", "n3", "n4"}},
		{"and the next", func(*nodes, *usages) {}, 0, []string{"n2", "n3", "n4"}},
	}
	ns, u := nodes{node("n1"), node("n2"), node("n3")}, using(map[string]usage.Node{"n1": used, "n3": used})
	rest := nodemetrics.NewREST(&ns, u, causes{})
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			step.change(&ns, u)
			u.looked = 0
			got, err := rest.List(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, item := range api(got).(*metrics.NodeMetricsList).Items {
				names = append(names, item.Name)
			}
			if diff := cmp.Diff(step.want, names); diff != "" {
				t.Errorf("nodes (-want +got):\n%s", diff)
			}
			if u.looked != step.looked {
				t.Errorf("%d slots were looked up, want %d", u.looked, step.looked)
			}
		})
	}
}
