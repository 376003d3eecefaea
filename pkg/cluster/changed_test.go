package cluster

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// TestChangedPodsAreReported has a pod change: what is served of it is reported, and nothing else.
func TestChangedPodsAreReported(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*corev1.Pod)
		want   []string
	}{
		{"nothing", func(*corev1.Pod) {}, nil},
		{"a label", func(p *corev1.Pod) { p.Labels = map[string]string{"a": "b"} }, []string{"changed 1"}},
		{"its node", func(p *corev1.Pod) { p.Spec.NodeName = "n2" }, []string{"changed 1"}},
		{"its end", func(p *corev1.Pod) { p.Status.Phase = corev1.PodFailed }, []string{"changed 1"}},
		{"a further container", func(p *corev1.Pod) {
			p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: "further"})
		}, []string{"changed 1"}},
		{"an annotation", func(p *corev1.Pod) { p.Annotations = map[string]string{"a": "b"} }, nil},
		{"its UID", func(p *corev1.Pod) { p.UID = "2" }, []string{"deleted 1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pods := newPods()
			informer := newInformer(Strip, pods)
			var got []string
			pods.deleted = func(p *Pod) { got = append(got, "deleted "+p.UID) }
			pods.changed = func(before, after *Pod) {
				if now, _ := pods.Get("shop", "a"); now != after || before == after || before.Usage != after.Usage {
					t.Errorf("the pods have %+v, reported is %+v, before it %+v", now, after, before)
				}
				got = append(got, "changed "+after.UID)
			}
			if err := informer.Update(podOfUID("a", "1")); err != nil {
				t.Fatal(err)
			}
			changed := podOfUID("a", "1")
			tt.change(changed)
			if err := informer.Update(changed); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("reported (-want +got):\n%s", diff)
			}
		})
	}
}

// TestChangedNodesAreReported does the same with nodes, and has some be deleted.
func TestChangedNodesAreReported(t *testing.T) {
	node := func(name, uid, label string) *corev1.Node {
		return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(uid), Labels: map[string]string{"a": label}}}
	}
	nodes := newNodes(noHandler{})
	informer := newInformer(StripNode, nodes)
	var got []string
	nodes.deleted = func(n *Node) { got = append(got, "deleted "+n.Name+n.UID) }
	nodes.changed = func(before, after *Node) {
		if now, _ := nodes.Get(after.Name); now != after || before == after {
			t.Errorf("the nodes have %+v, reported is %+v, before it %+v", now, after, before)
		}
		got = append(got, "changed "+after.Name+after.UID)
	}
	for _, step := range []struct {
		name   string
		change func() error
		want   []string
	}{
		{"nodes come", func() error { return informer.Replace([]any{node("a", "1", "x"), node("b", "1", "x")}, "1") }, nil},
		{"one is as before", func() error { return informer.Update(node("a", "1", "x")) }, nil},
		{"one has another label", func() error { return informer.Update(node("a", "1", "y")) }, []string{"changed a1"}},
		{"one is replaced by another of its name", func() error { return informer.Update(node("a", "2", "y")) }, []string{"deleted a1"}},
		{"one is deleted", func() error { return informer.Delete(node("a", "2", "y")) }, []string{"deleted a2"}},
		{"one is deleted that is not known", func() error { return informer.Delete(node("a", "2", "y")) }, nil},
		{"a list has another", func() error { return informer.Replace([]any{node("c", "1", "x")}, "2") }, []string{"deleted b1"}},
	} {
		got = nil
		if err := step.change(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("%s: reported (-want +got):\n%s", step.name, diff)
		}
	}
}
