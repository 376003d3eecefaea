package bed

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
)

// LabelWorkload is the label that the pods of one workload share, workload-0 and on. A workload has WorkloadPods pods in each
// namespace, on neighbouring nodes; the last may have fewer.
const (
	LabelWorkload = "workload"
	WorkloadPods  = 30
)

// Image is what the pods of a workload name. Nothing pulls it.
const Image = "example.invalid/app:1"

// Populate creates pods of two containers on every node, in the namespaces team-0 to team-9, and waits until they run. They are
// bound to their nodes at once: thousands of them would keep a scheduler busy for minutes.
func (b *Bed) Populate(ctx context.Context, perNode int) error {
	const namespaces, atOnce = 10, 32
	for i := range namespaces {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: teamOf(i)}}
		if _, err := b.Client.CoreV1().Namespaces().Create(ctx, ns, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("create namespace %s: %w", ns.Name, err)
		}
		if err := b.waitAccount(ctx, ns.Name); err != nil {
			return err
		}
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i, node := range b.Fleet.Nodes() {
		for j := range perNode {
			pod := b.pod(teamOf((i+j)%namespaces), fmt.Sprintf("%s-%03d", node, j), node)
			pod.Labels[LabelWorkload] = fmt.Sprintf("workload-%d", (i*perNode+j)/(namespaces*WorkloadPods))
			g.Go(func() error {
				if _, err := b.Client.CoreV1().Pods(pod.Namespace).Create(gctx, pod, metav1.CreateOptions{}); err != nil {
					return fmt.Errorf("create pod %s/%s: %w", pod.Namespace, pod.Name, err)
				}
				return nil
			})
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return b.WaitRunning(ctx, perNode*len(b.Fleet.Nodes()))
}

func teamOf(i int) string { return fmt.Sprintf("team-%d", i) }

// waitAccount waits for the account that admission gives to every pod.
func (b *Bed) waitAccount(ctx context.Context, namespace string) error {
	err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		_, err := b.Client.CoreV1().ServiceAccounts(namespace).Get(ctx, "default", metav1.GetOptions{})
		return err == nil, nil
	})
	if err != nil {
		return fmt.Errorf("wait for the service account of namespace %s: %w", namespace, err)
	}
	return nil
}

func (b *Bed) pod(namespace, name, node string) *corev1.Pod {
	container := func(name string) corev1.Container {
		return corev1.Container{Name: name, Image: Image, Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("10m")},
		}}
	}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{"app": "populated"}, Annotations: b.options.Annotations},
		Spec:       corev1.PodSpec{NodeName: node, Containers: []corev1.Container{container("app"), container("proxy")}},
	}
}

// WaitRunning waits until at least so many pods run that the fleet serves numbers of.
func (b *Bed) WaitRunning(ctx context.Context, pods int) error {
	const each = 10 * time.Millisecond // Several times what was seen of 30,000.
	served := 0
	within := 5*time.Minute + time.Duration(pods)*each
	err := wait.PollUntilContextTimeout(ctx, 200*time.Millisecond, within, true, func(context.Context) (bool, error) {
		served = len(b.Fleet.Pods())
		return served >= pods, nil
	})
	if err != nil {
		return fmt.Errorf("wait for %d pods to run, %d do: %w", pods, served, err)
	}
	return nil
}
