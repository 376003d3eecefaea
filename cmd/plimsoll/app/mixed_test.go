package app

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/progress"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// failures are the causes behind the codes of a scriptedCollector.
var failures = map[string]cause.Cause{"timeout": cause.KubeletTimeout, "refused": cause.EngineRefused}

// scriptedCollector has nodes whose results a test sets: empty for a success, and otherwise the code of a failure.
type scriptedCollector struct {
	Collector
	name  string
	nodes map[string]string
	// removed counts the nodes that were taken out with their usage, and details is where details are to be sent.
	removed int
	details *export.DetailsQueue
}

func (c *scriptedCollector) Set(n *cluster.Node) {
	if _, known := c.nodes[n.Name]; !known {
		c.nodes[n.Name] = ""
	}
}
func (c *scriptedCollector) Remove(node string) {
	delete(c.nodes, node)
	c.removed++
}
func (c *scriptedCollector) Release(node string)                 { delete(c.nodes, node) }
func (c *scriptedCollector) SendDetails(to *export.DetailsQueue) { c.details = to }
func (c *scriptedCollector) AwaitInitial(context.Context)        {}
func (c *scriptedCollector) Failure(node string) cause.Cause     { return failures[c.nodes[node]] }

func (c *scriptedCollector) Serves(node string) bool {
	code, known := c.nodes[node]
	return known && code == ""
}

func (c *scriptedCollector) Status(node string) progress.Node {
	switch code, known := c.nodes[node]; {
	case !known:
		return progress.Node{Message: c.name + " do not know it"}
	case code != "":
		return progress.Node{Message: c.name + " fail: " + code, Details: c.name + " at 10.0.0.1"}
	}
	return progress.Node{}
}

func (c *scriptedCollector) Progress() progress.Counts {
	return c.ProgressOf(func(string) bool { return true })
}

func (c *scriptedCollector) ProgressOf(counted func(string) bool) progress.Counts {
	p := progress.New(0)
	for node, code := range c.nodes {
		if counted(node) {
			p.Nodes, p.Settled = p.Nodes+1, p.Settled+1
			if code != "" {
				p.Failing[failures[code]]++
			}
		}
	}
	return p
}

// newScripted makes a mixed collector whose sources select, in order, the nodes with these values of the label pool; "" selects all.
func newScripted(t *testing.T, rules ...string) (*mixedCollector, *scriptedCollector, *scriptedCollector) {
	t.Helper()
	kubelets, engines := &scriptedCollector{name: "kubelets", nodes: map[string]string{}}, &scriptedCollector{name: "engines", nodes: map[string]string{}}
	m := &mixedCollector{kubelets: kubelets, engines: engines, placed: map[string]placement{}}
	for i := 0; i < len(rules); i += 2 {
		selector := labels.Everything()
		if rules[i+1] != "" {
			selector = labels.SelectorFromSet(labels.Set{"pool": rules[i+1]})
		}
		m.rules = append(m.rules, mixedRule{selector, rules[i] == "engine"})
	}
	return m, kubelets, engines
}

func inPool(pool string) *cluster.Node {
	return cluster.StripNode(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n", Labels: map[string]string{"pool": pool}}})
}

// TestPlacement has a node whose label changes: each collector has it while a source selects it, and is notified once where it does so no longer.
func TestPlacement(t *testing.T) {
	for _, tt := range []struct {
		name  string
		rules []string
		// pools are the values of the label, one after the other; want is who has the node after each.
		pools, want []string
		// removed is how often the usage of the node was removed before the node was.
		removed int
	}{
		{"kubelets, then an engine", []string{"kubelets", "", "engine", ""}, []string{"a"}, []string{"kubelets engine"}, 0},
		{"an engine, then kubelets", []string{"engine", "a", "kubelets", ""}, []string{"a", "b", "a"}, []string{"engine", "kubelets", "engine"}, 0},
		{"an engine behind kubelets for some", []string{"kubelets", "", "engine", "a"}, []string{"a", "b", "a"}, []string{"kubelets engine", "kubelets", "kubelets engine"}, 0},
		{"a node that no source selects", []string{"kubelets", "a", "engine", "a"}, []string{"b", "a", "b"}, []string{"", "kubelets engine", ""}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, kubelets, engines := newScripted(t, tt.rules...)
			for i, pool := range tt.pools {
				m.Set(inPool(pool))
				got := ""
				if _, ok := kubelets.nodes["n"]; ok {
					got = "kubelets"
				}
				if _, ok := engines.nodes["n"]; ok && got != "" {
					got += " engine"
				} else if ok {
					got = "engine"
				}
				if got != tt.want[i] {
					t.Errorf("in the pool %s %q have the node, want %q", pool, got, tt.want[i])
				}
			}
			if got := kubelets.removed + engines.removed; got != tt.removed {
				t.Errorf("the usage of the node was removed %d times, want %d: another collector may have it", got, tt.removed)
			}
			m.Remove("n")
			if len(kubelets.nodes)+len(engines.nodes) != 0 {
				t.Errorf("after the end %v and %v have the node", slices.Collect(maps.Keys(kubelets.nodes)), slices.Collect(maps.Keys(engines.nodes)))
			}
		})
	}
}

// TestDetailsBesideAnEngine has a sink need details in a cluster that has kubelets and an engine: they are read from the kubelets.
func TestDetailsBesideAnEngine(t *testing.T) {
	m, kubelets, _ := newScripted(t, "kubelets", "", "engine", "")
	stack, err := NewClusterStack(StackConfig{
		Client: fake.NewClientset(), Nodes: labels.Everything(), Exported: export.Needs{Details: true},
		NewCollector: func(*cluster.Cluster, *store.Store) (Collector, error) { return m, nil },
	})
	if err != nil || stack.details == nil || kubelets.details != stack.details {
		t.Errorf("details are sent to %p, and exported from %p, error %v", kubelets.details, stack.details, err)
	}
}

// TestMixedResults has each of the two collectors succeed and fail.
func TestMixedResults(t *testing.T) {
	for _, tt := range []struct {
		name, kubelets, engines string
		rules                   []string
		isScraped               bool
		message, details        string
		failing                 map[string]int
	}{
		{"the kubelet responds", "", "", []string{"kubelets", "", "engine", ""}, true, "", "", map[string]int{}},
		{"the kubelet responds, the engine has failed", "", "refused", []string{"kubelets", "", "engine", ""}, true, "", "", map[string]int{}},
		{"the engine stands in", "timeout", "", []string{"kubelets", "", "engine", ""}, false, "", "", map[string]int{}},
		{"both fail", "timeout", "refused", []string{"kubelets", "", "engine", ""}, false,
			"kubelets fail: timeout; engines fail: refused", "kubelets at 10.0.0.1; engines at 10.0.0.1", map[string]int{"timeout": 1}},
		{"no engine selects the node", "timeout", "", []string{"kubelets", "", "engine", "b"}, false,
			"kubelets fail: timeout", "kubelets at 10.0.0.1", map[string]int{"timeout": 1}},
		{"an engine alone fails", "", "refused", []string{"engine", "", "kubelets", ""}, false, "engines fail: refused", "engines at 10.0.0.1", map[string]int{"engine_refused": 1}},
		{"no source selects the node", "", "", []string{"kubelets", "b", "engine", "b"}, false, "kubelets do not know it", "", map[string]int{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, kubelets, engines := newScripted(t, tt.rules...)
			m.Set(inPool("a"))
			for c, code := range map[*scriptedCollector]string{kubelets: tt.kubelets, engines: tt.engines} {
				if _, ok := c.nodes["n"]; ok {
					c.nodes["n"] = code
				}
			}
			m.AwaitInitial(t.Context())
			if got := m.isScraped("n"); got != tt.isScraped {
				t.Errorf("scraped: %v, want %v", got, tt.isScraped)
			}
			if got := m.Status("n").Message; got != tt.message {
				t.Errorf("message %q, want %q", got, tt.message)
			}
			if got := m.Status("n").Details; got != tt.details {
				t.Errorf("details %q, want %q", got, tt.details)
			}
			p := m.Progress()
			if diff := cmp.Diff(tt.failing, p.ByLabel()); diff != "" || p.Settled != p.Nodes {
				t.Errorf("progress %v (-want +got):\n%s", p, diff)
			}
		})
	}
}
