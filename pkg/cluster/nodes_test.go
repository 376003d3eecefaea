package cluster

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/cache"
)

// nodeBed is the nodes of a cluster whose changes the test makes, in the order in which an informer does: first what it keeps, then
// who is told.
type nodeBed struct {
	nodes  *Nodes
	events cache.ResourceEventHandler
}

// listing is told of nodes, and lists them there and then.
type listing struct{ list func() }

func (l *listing) Set(*corev1.Node) { l.list() }
func (l *listing) Remove(string)    { l.list() }

func newNodeBed(handler NodeHandler) *nodeBed {
	nodes := &Nodes{store: cache.NewStore(cache.MetaNamespaceKeyFunc)}
	return &nodeBed{nodes, nodes.events(handler)}
}

func (b *nodeBed) set(n *corev1.Node) error {
	before, known, err := b.nodes.store.GetByKey(n.Name)
	if err != nil {
		return err
	}
	if err := b.nodes.store.Update(n); err != nil {
		return err
	}
	if known {
		b.events.OnUpdate(before, n)
	} else {
		b.events.OnAdd(n, false)
	}
	return nil
}

func (b *nodeBed) remove(n *corev1.Node) error {
	if err := b.nodes.store.Delete(n); err != nil {
		return err
	}
	b.events.OnDelete(n)
	return nil
}

func described(nodes []*corev1.Node) []string {
	var out []string
	for _, n := range nodes {
		out = append(out, n.Name+" "+labels.Set(n.Labels).String())
	}
	return out
}

// TestNodesAreListedAsTheyAre compares with a map, and lists in the very moment in which a change is told.
func TestNodesAreListedAsTheyAre(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 0))
		model := map[string]*corev1.Node{}
		var bed *nodeBed
		compare := func() {
			selector := aSelector(t, r)
			var want []*corev1.Node
			for _, n := range model {
				if selector.Matches(labels.Set(n.Labels)) {
					want = append(want, n)
				}
			}
			slices.SortFunc(want, func(a, b *corev1.Node) int { return strings.Compare(a.Name, b.Name) })
			got := nodesOf(t, bed.nodes, selector)
			if diff := cmp.Diff(described(want), described(got)); diff != "" {
				t.Errorf("seed %d: List(%q) (-want +got):\n%s", seed, selector, diff)
			}
			clear(got) // It is the caller's.
		}
		bed = newNodeBed(&listing{compare})
		for range 100 {
			n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("n%d", r.IntN(12)), Labels: someLabels(r)}}
			change := bed.set
			if model[n.Name] = n; r.IntN(3) == 0 {
				delete(model, n.Name)
				change = bed.remove
			}
			if err := change(n); err != nil {
				t.Fatal(err)
			}
			compare()
		}
	}
}

// TestFollowedNodesAreListed does the same with changes that come from the API server.
func TestFollowedNodesAreListed(t *testing.T) {
	client := fake.NewClientset(fullNode("n3", nil), fullNode("n1", map[string]string{"zone": "a"}))
	c, _ := follow(t, client, labels.Everything())
	api := client.CoreV1().Nodes()
	inZone := labels.SelectorFromSet(labels.Set{"zone": "a"})
	tests := []struct {
		name      string
		change    func() error
		all, zone []string
	}{
		{"at the start", func() error { return nil }, []string{"n1 zone=a", "n3 "}, []string{"n1 zone=a"}},
		{"one has come", func() error {
			_, err := api.Create(t.Context(), fullNode("n2", map[string]string{"zone": "a"}), metav1.CreateOptions{})
			return err
		}, []string{"n1 zone=a", "n2 zone=a", "n3 "}, []string{"n1 zone=a", "n2 zone=a"}},
		{"one has moved", func() error {
			_, err := api.Update(t.Context(), fullNode("n1", map[string]string{"zone": "b"}), metav1.UpdateOptions{})
			return err
		}, []string{"n1 zone=b", "n2 zone=a", "n3 "}, []string{"n2 zone=a"}},
		{"one is gone", func() error { return api.Delete(t.Context(), "n2", metav1.DeleteOptions{}) }, []string{"n1 zone=b", "n3 "}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.change(); err != nil {
				t.Fatal(err)
			}
			await(t, "the list of all nodes", func() bool { return slices.Equal(tt.all, described(nodesOf(t, c.Nodes(), labels.Everything()))) })
			if diff := cmp.Diff(tt.zone, described(nodesOf(t, c.Nodes(), inZone))); diff != "" {
				t.Errorf("nodes of zone a (-want +got):\n%s", diff)
			}
		})
	}
}

// nodesOf lists for as long as it takes.
func nodesOf(t *testing.T, nodes *Nodes, selector labels.Selector) []*corev1.Node {
	t.Helper()
	list, err := nodes.List(t.Context(), selector)
	if err != nil {
		t.Error(err)
	}
	return list
}
