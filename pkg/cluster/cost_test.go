package cluster

import (
	"fmt"
	"testing"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/cache"
)

// replicas is how many pods of manyPods have one value of the label app.
const replicas = 30

// manyPods is one namespace with that many pods, by workloads of 30. All are of one tier, and workload 0 is in zone z.
func manyPods(size int) *Pods {
	pods := newPods()
	for i := range size {
		set := map[string]string{"app": fmt.Sprintf("workload-%d", i/replicas), "tier": "backend", "hash": "6d5f7c9b84"}
		if i < replicas {
			set["zone"] = "z"
		}
		pods.put(&Pod{Namespace: "shop", Name: fmt.Sprintf("workload-%d-%d", i/replicas, i), Labels: NewLabels(set)})
	}
	return pods
}

// counted is a selector that counts how many pods it is shown.
type counted struct {
	labels.Selector
	shown int
}

func (c *counted) Matches(l labels.Labels) bool { c.shown++; return c.Selector.Matches(l) }

// TestSelectorMatchesOnlyCandidates counts the pods that are compared with the selector: the cost of a list.
func TestSelectorMatchesOnlyCandidates(t *testing.T) {
	const size = 3000
	pods := manyPods(size)
	tests := []struct {
		selector       string
		selects, shown int
	}{
		{"app=workload-1", replicas, replicas},
		{"app==workload-1,tier", replicas, replicas},
		{"tier=backend,app=workload-1", replicas, replicas},
		{"app=workload-1,tier=backend,hash=6d5f7c9b84", replicas, replicas},
		{"app in (workload-1,workload-2)", 2 * replicas, 2 * replicas},
		{"app in (workload-1,workload-2),tier=backend", 2 * replicas, 2 * replicas},
		{"app in (workload-1,none)", replicas, replicas},
		{"app=none", 0, 0},
		{"app=workload-1,none=none", 0, 0},
		{"zone=z,app!=workload-0", 0, replicas},
		{"zone=z,!none", replicas, replicas},
		{"tier=backend", size, size},
		{"zone", replicas, size},
		{"app notin (workload-0)", size - replicas, size},
	}
	for _, tt := range tests {
		t.Run(tt.selector, func(t *testing.T) {
			parsed, err := labels.Parse(tt.selector)
			if err != nil {
				t.Fatal(err)
			}
			selector := &counted{Selector: parsed}
			list := podsOf(t, pods, "shop", selector)
			if len(list) != tt.selects || selector.shown != tt.shown {
				t.Errorf("%d pods were selected of %d, want %d of %d", len(list), selector.shown, tt.selects, tt.shown)
			}
		})
	}
	nothing := &counted{Selector: labels.Nothing()}
	if list := podsOf(t, pods, "shop", nothing); list != nil || nothing.shown != 0 {
		t.Errorf("the selector of nothing was shown %d pods and gave %v", nothing.shown, list)
	}
}

// podsOf lists for as long as it takes.
func podsOf(t testing.TB, pods *Pods, namespace string, selector labels.Selector) []*Pod {
	t.Helper()
	list, err := pods.List(t.Context(), namespace, selector, cache.ObjectName{}, 0)
	if err != nil {
		t.Error(err)
	}
	return list
}
