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

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/registry/nodemetrics"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

type nodes []*cluster.Node

func (ns nodes) Get(name string) (*cluster.Node, bool) {
	i := slices.IndexFunc(ns, func(n *cluster.Node) bool { return n.Name == name })
	if i < 0 {
		return nil, false
	}
	return ns[i], true
}

func (ns nodes) List(_ context.Context, selector labels.Selector) ([]*cluster.Node, error) {
	return slices.DeleteFunc(slices.Clone(ns), func(n *cluster.Node) bool { return !selector.Matches(n.Labels) }), nil
}

// reader returns a reader for which all usage is fresh.
func reader() *usage.Reader {
	return usage.NewReader(usage.Staleness{}, func() time.Time { return sampled }, func() uint64 { return 7 })
}

// messages is the explanation of a cluster that is ready once notReady is nil.
type messages struct{ notReady error }

func (messages) Node(name string) string { return name + " does not respond" }
func (m messages) Ready() error          { return m.notReady }
func (messages) Expired() error          { return nil }

var (
	sampled = time.Date(2026, 8, 21, 10, 0, 5, 0, time.UTC)
	used    = usage.Node{Time: sampled, Window: 15 * time.Second, CPU: 1_250_000_001, Memory: 3 << 30, ResourceVersion: 5}
)

// node returns a node with this usage; nil for none.
func node(name string, u *usage.Node) *cluster.Node {
	n := cluster.StripNode(&corev1.Node{ObjectMeta: metav1.ObjectMeta{
		Name: name, UID: types.UID("uid-" + name), ResourceVersion: "4711",
		CreationTimestamp: metav1.NewTime(sampled.Add(-time.Hour)),
		Labels:            map[string]string{"zone": "z1"},
		Annotations:       map[string]string{"note": "not shown"},
	}})
	if u != nil {
		n.Usage.Publish(u, usage.Freshness{Seen: 1, Advanced: 1})
	}
	return n
}

// api is what was returned as one of the API's types.
func api(object runtime.Object) runtime.Object {
	return object.(interface{ API() runtime.Object }).API()
}

func TestGet(t *testing.T) {
	got, err := nodemetrics.NewREST(nodes{node("n1", &used)}, reader(), messages{}).Get(t.Context(), "n1", nil)
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
		usage *usage.Node
	}{
		{"without usage", nil},
		{"without a time", &timeless},
		{"without a window", &windowless},
		{"with an impossible number", &wrapped},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			object, err := nodemetrics.NewREST(nodes{node("n1", tt.usage)}, reader(), messages{}).Get(t.Context(), "n1", nil)
			if object != nil || err == nil {
				t.Fatalf("Get gave %v, %v, want an error alone", object, err)
			}
			if want := `nodes.metrics.k8s.io "n1" not found: n1 does not respond`; err.Error() != want {
				t.Errorf("Get gave error %q, want %q", err, want)
			}
		})
	}
}

func TestList(t *testing.T) {
	rest := nodemetrics.NewREST(nodes{node("n1", &used), node("n2", &used), node("n3", nil)}, reader(), messages{})
	tests := []struct {
		name, fields string
		want         []string
	}{
		{"all that have usage", "", []string{"n1", "n2"}},
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
		notReady     error
	}{
		{"before it is ready", "", errors.New("no node has been scraped")},
		{"a field of pods", "spec.nodeName=n1", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rest := nodemetrics.NewREST(nodes{node("n1", &used)}, reader(), messages{tt.notReady})
			got, err := rest.List(t.Context(), &internalversion.ListOptions{FieldSelector: fields.ParseSelectorOrDie(tt.fields)})
			if got != nil || err == nil {
				t.Errorf("List gave %v, %v, want an error alone", got, err)
			}
		})
	}
}

// TestListFollowsTheCells lists again and again: each list has the nodes that have usage at that moment.
func TestListFollowsTheCells(t *testing.T) {
	other := usage.Node{Time: sampled, Window: time.Second, CPU: 1, Memory: 1}
	ns := nodes{node("n1", &used), node("n2", nil), node("n3", &used)}
	steps := []struct {
		name   string
		change func()
		want   []string
	}{
		{"the first", func() {}, []string{"n1", "n3"}},
		{"after a node has changed", func() { ns[1] = node("n2", nil) }, []string{"n1", "n3"}},
		{"after a node has come", func() { ns = append(ns, node("n4", nil)) }, []string{"n1", "n3"}},
		{"after two got usage", func() {
			for _, n := range []*cluster.Node{ns[1], ns[3]} {
				n.Usage.Publish(&other, usage.Freshness{Seen: 1, Advanced: 1})
			}
		}, []string{"n1", "n2", "n3", "n4"}},
		{"after one lost it", func() { ns[0].Usage.Unpublish(&used) }, []string{"n2", "n3", "n4"}},
		{"after one was replaced", func() { ns[2] = node("n3", nil) }, []string{"n2", "n4"}},
	}
	rest := nodemetrics.NewREST(&ns, reader(), messages{})
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			step.change()
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
		})
	}
}
