package world

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// churned is the namespace whose pods come and go, changing how many of each kind there are.
const (
	churned  = "churned"
	changing = 6
	// knownSoon is how long after a change that is not delayed Plimsoll has forgotten a pod.
	knownSoon = 3 * time.Second
)

// millicores are the rates of the pods of one name, by whether it is their first: no two pods have the same.
func millicores(pod int, first bool) int {
	if first {
		return 40 + 7*pod
	}
	return 400 + 7*pod
}

// TestInformerFarBehind has pods deleted, created again elsewhere and created anew while Plimsoll learns nothing of them: its connection to the API server
// stands still. No name is served with the usage of another pod, and a deleted pod for no longer than the maximum age. When the connection goes on,
// what has gone is gone at once.
func TestInformerFarBehind(t *testing.T) {
	t.Parallel()
	gate, kubeconfig := newGate(t)
	t.Cleanup(gate.pass)
	server := another(t, nil, "--kubeconfig="+kubeconfig)
	client := direct(t, server, "informer")
	if _, err := env.Client.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: churned}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		if err := env.Client.CoreV1().Namespaces().Delete(ctx, churned, metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	})
	poll.Eventually(t, time.Minute, func(ctx context.Context) error {
		_, err := env.Client.CoreV1().ServiceAccounts(churned).Get(ctx, "default", metav1.GetOptions{})
		return err
	})
	// Names below changing are deleted, those below 2*changing created again on the same node, those below 3*changing on another one.
	for i := range 3 * changing {
		createPod(t, i, i, true)
	}
	poll.Eventually(t, 4*size.resolution+20*time.Second, func(ctx context.Context) error { return onlyServes(ctx, client, 0, 3*changing, true) })
	seen := watchRates(t, client)

	gate.shut()
	shut := time.Now()
	for i := range 3 * changing {
		deletePod(t, i)
	}
	for i := changing; i < 2*changing; i++ {
		createPod(t, i, i, false)
		createPod(t, i+changing, i+changing+1, false)
		createPod(t, i+2*changing, i, false)
	}
	deleted := time.Now()
	pause(t, max(size.away, size.maxAge()+2*time.Second))
	behind := seen.newest()
	opened := time.Now()
	gate.pass()
	poll.Eventually(t, knownSoon, func(ctx context.Context) error { return withoutDeleted(ctx, client) })
	forgotten := time.Since(opened)
	poll.Eventually(t, 4*size.resolution+10*time.Second, func(ctx context.Context) error {
		return onlyServes(ctx, client, changing, 4*changing, false)
	})
	right := time.Since(opened)
	last := seen.end()
	result{
		before: "all rates right",
		during: fmt.Sprintf("%d reads, %d rates of a pod of that name; deleted pods are served for %.1f s, of a maximum age of %s; %d pods at the end",
			seen.reads, seen.rates, last.Sub(deleted).Seconds(), size.maxAge(), behind),
		after: fmt.Sprintf("deleted pods are forgotten after %.2f s", forgotten.Seconds()),
		again: fmt.Sprintf("%.1f s", right.Seconds()),
	}.keep(t, fmt.Sprintf("no change of a pod is learnt for %s", opened.Sub(shut).Round(time.Second)))
	if seen.wrong != nil {
		t.Error(seen.wrong)
	}
	if age := last.Sub(deleted); age > size.maxAge()+time.Second {
		t.Errorf("a deleted pod was served for %s, want at most the maximum age of %s", age, size.maxAge())
	}
}

func podName(i int) string { return fmt.Sprintf("pod-%d", i) }

// createPod creates a pod of a name on a node, with a rate of its own.
func createPod(t *testing.T, i, node int, first bool) {
	t.Helper()
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: podName(i), Annotations: map[string]string{
			fleet.AnnotationCPU: strconv.Itoa(millicores(i, first)) + "m", fleet.AnnotationMemory: "64Mi",
		}},
		Spec: corev1.PodSpec{NodeName: nodes()[node%size.nodes], Containers: []corev1.Container{{Name: "app", Image: cluster.Image}}},
	}
	if _, err := env.Client.CoreV1().Pods(churned).Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func deletePod(t *testing.T, i int) {
	t.Helper()
	now := int64(0)
	if err := env.Client.CoreV1().Pods(churned).Delete(t.Context(), podName(i), metav1.DeleteOptions{GracePeriodSeconds: &now}); err != nil {
		t.Fatal(err)
	}
}
