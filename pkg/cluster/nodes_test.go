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
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
)

// listing lists nodes whenever it is notified of one.
type listing struct{ list func() }

func (l *listing) Set(*Node)     { l.list() }
func (l *listing) Remove(string) { l.list() }

func described(nodes []*Node) []string {
	var out []string
	for _, n := range nodes {
		out = append(out, n.Name+" "+labels.Set(mapOf(n.Labels)).String())
	}
	return out
}

// TestNodesAreListedAsTheyAre compares with a map, and lists in the very moment in which the handler is notified of a change.
func TestNodesAreListedAsTheyAre(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 0))
		model := map[string]*Node{}
		var nodes *Nodes
		compare := func() {
			selector := aSelector(t, r)
			var want []*Node
			for _, n := range model {
				if selector.Matches(n.Labels) {
					want = append(want, n)
				}
			}
			slices.SortFunc(want, func(a, b *Node) int { return strings.Compare(a.Name, b.Name) })
			got := nodesOf(t, nodes, selector)
			if diff := cmp.Diff(described(want), described(got)); diff != "" {
				t.Errorf("seed %d: List(%q) (-want +got):\n%s", seed, selector, diff)
			}
			clear(got) // It is the caller's.
		}
		nodes = newNodes(&listing{compare})
		informer := newInformer(StripNode, nodes)
		for range 100 {
			n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("n%d", r.IntN(12)), Labels: someLabels(r)}}
			change := informer.Update
			if model[n.Name] = StripNode(n); r.IntN(3) == 0 {
				delete(model, n.Name)
				change = informer.Delete
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
	awaitWatch := watched(t, client, "nodes")
	c, _ := follow(t, client, labels.Everything())
	awaitWatch()
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
func nodesOf(t *testing.T, nodes *Nodes, selector labels.Selector) []*Node {
	t.Helper()
	list, err := nodes.List(t.Context(), selector)
	if err != nil {
		t.Error(err)
	}
	return list
}

// TestCellStaysWithItsNode has the objects of one node, by its UID, share the cell, whatever else changes, and another node of the name
// have one of its own.
func TestCellStaysWithItsNode(t *testing.T) {
	nodes := newNodes(&listing{func() {}})
	set := func(name, uid, zone string) *Node {
		n := fullNode(name, map[string]string{"zone": zone})
		n.UID = types.UID(uid)
		nodes.set(StripNode(n))
		kept, _ := nodes.Get(name)
		return kept
	}
	first, relabeled, other := set("n1", "u1", "a"), set("n1", "u1", "b"), set("n2", "u2", "a")
	if first.Usage == nil || first.Usage != relabeled.Usage || first.Usage == other.Usage {
		t.Error("one node has one cell")
	}
	if again := set("n1", "u3", "b"); again.Usage == first.Usage {
		t.Error("another node of the name has the cell of the one before")
	}
}

// TestListReplacesTheNodes lists again after the watch broke off: what came, what stayed and what is gone.
func TestListReplacesTheNodes(t *testing.T) {
	r := &recorder{nodes: map[string]*Node{}}
	nodes := newNodes(r)
	informer := newInformer(StripNode, nodes)
	for _, list := range [][]any{
		{fullNode("n1", nil), fullNode("n2", nil)},
		{wrapper[*Node]{StripNode(fullNode("n3", nil))}, fullNode("n2", map[string]string{"zone": "a"})},
	} {
		if err := informer.Replace(list, "1"); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"n2 zone=a", "n3 "}, described(nodesOf(t, nodes, labels.Everything()))); diff != "" {
		t.Errorf("nodes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"set n1", "set n2", "remove n1", "set n2", "set n3"}, r.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if !isClosed(informer.synced) {
		t.Error("the nodes are not known after a list")
	}
}

// TestSwapOfUnknownSizeIsNone has a kubelet report that there is swap space, and not how much.
func TestSwapOfUnknownSizeIsNone(t *testing.T) {
	n := &corev1.Node{Status: corev1.NodeStatus{NodeInfo: corev1.NodeSystemInfo{Swap: &corev1.NodeSwapStatus{}}}}
	if got := StripNode(n).Swap; got != 0 {
		t.Errorf("got %d bytes", got)
	}
}
