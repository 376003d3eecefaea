package cluster

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
)

func podOfUID(name, uid string) *corev1.Pod {
	pod := fullPod("shop", name, "n1")
	pod.UID = types.UID(uid)
	return pod
}

// TestDeletedPodsAreReported plays changes in the ways that they come from the API server, each of which deletes some pods or none.
func TestDeletedPodsAreReported(t *testing.T) {
	pods := newPods()
	informer := newInformer(Strip, pods)
	var deleted []string
	pods.deleted = func(p *Pod) {
		if now, ok := pods.Get(p.Namespace, p.Name); ok && now.UID == p.UID {
			t.Errorf("pod %s of UID %s is reported before it is dropped", p.Name, p.UID)
		}
		deleted = append(deleted, p.Name+" "+p.UID)
	}
	pod := podOfUID
	steps := []struct {
		name   string
		change func() error
		want   []string
	}{
		{"pods come", func() error { return informer.Replace([]any{pod("a", "1"), pod("b", "2"), pod("c", "3")}, "1") }, nil},
		{"one changes", func() error { return informer.Update(pod("a", "1")) }, nil},
		{"one is replaced by another of its name", func() error { return informer.Update(pod("a", "4")) }, []string{"a 1"}},
		{"one is deleted", func() error { return informer.Delete(pod("b", "2")) }, []string{"b 2"}},
		{"one is deleted that is not known", func() error { return informer.Delete(pod("b", "2")) }, nil},
		{"a list has others", func() error { return informer.Replace([]any{pod("c", "5"), pod("d", "6")}, "2") }, []string{"c 3", "a 4"}},
		{"a list has none", func() error { return informer.Replace(nil, "3") }, []string{"c 5", "d 6"}},
	}
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			deleted = nil
			if err := step.change(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(step.want, deleted); diff != "" {
				t.Errorf("deleted pods (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOnPodDeleted has the API server delete a pod.
func TestOnPodDeleted(t *testing.T) {
	client := fake.NewClientset(podOfUID("a", "1"))
	awaitWatch := watched(t, client, "pods")
	deleted := make(chan string, 1)
	c := New(client, labels.Everything(), noHandler{}, Options{})
	c.OnPodDeleted(func(p *Pod) { deleted <- p.UID })
	start(t, c)
	awaitWatch()
	if err := client.CoreV1().Pods("shop").Delete(t.Context(), "a", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if uid := <-deleted; uid != "1" {
		t.Errorf("the pod of UID %s is deleted", uid)
	}
}
