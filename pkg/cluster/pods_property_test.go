package cluster

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/cache"
)

// compared has the pods of a cluster and their model.
type compared struct {
	*testing.T
	*podModel
	informer *informer[corev1.Pod, *Pod]
	kept     *Pods
}

func newCompared(t *testing.T, r *rand.Rand) *compared {
	t.Helper()
	kept := newPods()
	return &compared{t, newPodModel(r), newInformer(Strip, kept), kept}
}

// TestPodsBehaveLikeAMap applies changes of every kind, in the ways that they come from the API server, and reads after each.
func TestPodsBehaveLikeAMap(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			c := newCompared(t, rand.New(rand.NewPCG(seed, 0)))
			for range 120 {
				if err := c.change(); err != nil {
					t.Fatal(err)
				}
				c.checkGet()
				c.checkList()
				c.checkRunning()
				if t.Failed() {
					return
				}
			}
		})
	}
}

// change plays one change.
func (c *compared) change() error {
	switch c.random.IntN(20) {
	case 0:
		return c.replace()
	case 1, 2, 3, 4:
		p := c.aPod()
		delete(c.pods, keyOf(p))
		return c.informer.Delete(p)
	case 5:
		p := c.aPod()
		c.pods[keyOf(p)] = p
		return c.informer.Add(wrapper[*Pod]{Strip(p)})
	default:
		p := c.aPod()
		c.pods[keyOf(p)] = p
		return c.informer.Update(p)
	}
}

// replace has the cluster listed again: some pods are deleted, some have changed, some are new.
func (c *compared) replace() error {
	c.pods = c.some()
	for range c.random.IntN(8) {
		p := c.aPod()
		c.pods[keyOf(p)] = p
	}
	var all []any
	for _, p := range c.pods {
		all = append(all, p)
	}
	return c.informer.Replace(all, "")
}

// checkGet reads every pod that can exist.
func (c *compared) checkGet() {
	c.Helper()
	for _, namespace := range []string{"a", "b", "c", "d", ""} {
		for i := range 13 {
			name := fmt.Sprintf("p%d", i)
			got, ok := c.kept.Get(namespace, name)
			want, exists := c.pods[namespace+"/"+name]
			if ok != exists || !ok && got != nil {
				c.Errorf("Get(%q, %q) gave %v, %t, want %t", namespace, name, got, ok, exists)
			}
			if ok && exists {
				c.checkPod(want, got)
			}
		}
	}
}

// checkPod compares a pod with its object, and its cell with those of all UIDs.
func (c *compared) checkPod(want *corev1.Pod, got *Pod) {
	c.Helper()
	if got.UID != string(want.UID) || got.Node != want.Spec.NodeName || got.Phase != want.Status.Phase {
		c.Errorf("got %+v, want %s on %s in phase %s", got, want.UID, want.Spec.NodeName, want.Status.Phase)
	}
	if got.Labels != NewLabels(want.Labels) {
		c.Errorf("pod %s has labels %v, want %v", keyOf(want), mapOf(got.Labels), want.Labels)
	}
	if got.Usage == nil {
		c.Fatalf("pod %s has no cell", keyOf(want))
	}
	if before, ok := c.cells[want.UID]; ok && before != got.Usage {
		c.Errorf("pod %s of UID %s has lost its cell", keyOf(want), want.UID)
	}
	if owner, ok := c.owners[got.Usage]; ok && owner != want.UID {
		c.Errorf("pod %s of UID %s has the cell of %s", keyOf(want), want.UID, owner)
	}
	c.cells[want.UID], c.owners[got.Usage] = got.Usage, want.UID
}

func (c *compared) checkList() {
	c.Helper()
	for range 6 {
		namespace, selector := oneOf(c.random, "", "", "a", "b", "c", "d"), aSelector(c.T, c.random)
		var want, got []string
		for _, p := range c.list(namespace, selector) {
			want = append(want, fmt.Sprint(keyOf(p), " ", p.UID, " ", mapOf(NewLabels(p.Labels))))
		}
		list := podsOf(c.T, c.kept, namespace, selector)
		for _, p := range list {
			got = append(got, fmt.Sprint(p.Namespace, "/", p.Name, " ", p.UID, " ", mapOf(p.Labels)))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			c.Errorf("List(%q, %q) (-want +got):\n%s", namespace, selector, diff)
		}
		c.checkPart(namespace, selector, list)
		clear(list) // It is the caller's.
	}
}

// checkPart compares a part of a list with all of it.
func (c *compared) checkPart(namespace string, selector labels.Selector, all []*Pod) {
	c.Helper()
	from := cache.ObjectName{Namespace: oneOf(c.random, "", "a", "b", "bb", "d", "z"), Name: oneOf(c.random, "", "p1", "p1\x00", "p3", "z")}
	if len(all) > 0 && c.random.IntN(2) == 0 {
		from = oneOf(c.random, all...).objectName()
	}
	most := c.random.IntN(4)
	want := slices.DeleteFunc(slices.Clone(all), func(p *Pod) bool {
		return p.Namespace < from.Namespace || p.Namespace == from.Namespace && p.Name < from.Name
	})
	if most > 0 {
		want = want[:min(most, len(want))]
	}
	got, err := c.kept.List(c.Context(), namespace, selector, from, most)
	if err != nil || !slices.Equal(want, got) {
		c.Errorf("List(%q, %q, %v, %d) gave %v, %v, want %v", namespace, selector, from, most, got, err, want)
	}
}

func (c *compared) checkRunning() {
	c.Helper()
	for _, node := range []string{"n1", "n2", "n3", "n4", ""} {
		if got, want := c.kept.Running(node), c.running(node); got != want {
			c.Errorf("Running(%q) gave %t, want %t", node, got, want)
		}
	}
}
