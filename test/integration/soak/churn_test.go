package soak

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

const (
	// changing is the share of pods whose load changes in each step.
	changing = 0.02
	// flips is how many times as often a step passes as one in which a kubelet changes how it reads.
	flips = 20
	// refresh is how many steps use one list of the pods that run.
	refresh = 10
)

// churn changes pods and their loads, as the users of a cluster do.
type churn struct {
	t      *testing.T
	random *rand.Rand
	steps  int
	// pods are those that ran a while ago, exists has the names of those that come and go.
	pods   []fleet.PodTruth
	exists map[string]bool
}

func newChurn(t *testing.T) *churn {
	return &churn{t: t, random: size.random(2), exists: map[string]bool{}}
}

// step makes the changes of one tick.
func (c *churn) step(ctx context.Context) {
	if c.steps%refresh == 0 {
		c.pods = env.Fleet.Pods()
	}
	c.steps++
	for range max(4, int(changing*float64(len(c.pods)))) {
		c.changeLoad()
	}
	if c.random.IntN(flips) == 0 {
		c.flip()
	}
	for range 1 + size.nodes/500 {
		c.comeOrGo(ctx)
		c.restart(ctx)
	}
}

// changeLoad gives a container another usage. A pod that has gone meanwhile has none.
func (c *churn) changeLoad() {
	pod := c.pods[c.random.IntN(len(c.pods))]
	container := pod.Containers[c.random.IntN(len(pod.Containers))]
	cores, memory := c.random.Float64()*0.2, uint64(c.random.IntN(256<<20))
	_ = env.Fleet.SetUsage(pod.Namespace, pod.Name, container.Name, cores, memory)
}

// flip changes when a kubelet reads its cgroups.
func (c *churn) flip() {
	node := fleet.NodeName("node", c.random.IntN(size.nodes))
	if err := env.Fleet.SetReadings(node, fleet.Readings(c.random.IntN(2))); err != nil {
		c.t.Error(err)
	}
}

// comeOrGo deletes a pod, or creates it, on a node that may be another one than before.
func (c *churn) comeOrGo(ctx context.Context) {
	number := c.random.IntN(size.nodes/2 + 5)
	name, namespace := fmt.Sprintf("churn-%d", number), fmt.Sprintf("team-%d", number%10)
	node := fleet.NodeName("node", c.random.IntN(size.nodes))
	pods := env.Client.CoreV1().Pods(namespace)
	var err error
	if c.exists[name] {
		err = pods.Delete(ctx, name, metav1.DeleteOptions{})
	} else {
		_, err = pods.Create(ctx, podNamed(name, node), metav1.CreateOptions{})
	}
	switch {
	case err == nil, c.exists[name] && apierrors.IsNotFound(err): // kwok, which deletes by name, may have taken it for the one before.
		c.exists[name] = !c.exists[name]
	case ctx.Err() == nil && !apierrors.IsAlreadyExists(err): // The one before is still being deleted.
		c.t.Errorf("create or delete pod %s: %v", name, err)
	}
}

func podNamed(name, node string) *corev1.Pod {
	grace := int64(1)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{cluster.LabelWorkload: "churn"}},
		Spec: corev1.PodSpec{
			NodeName: node, TerminationGracePeriodSeconds: &grace,
			Containers: []corev1.Container{{Name: "app", Image: cluster.Image}, {Name: "proxy", Image: cluster.Image}},
		},
	}
}

// restart has a container of a pod begin again, as its kubelet reports it.
func (c *churn) restart(ctx context.Context) {
	of := c.pods[c.random.IntN(len(c.pods))]
	which := c.random.IntN(2)
	pods := env.Client.CoreV1().Pods(of.Namespace)
	pod, err := pods.Get(ctx, of.Name, metav1.GetOptions{})
	if err != nil || which >= len(pod.Status.ContainerStatuses) {
		return // It has gone.
	}
	status := &pod.Status.ContainerStatuses[which]
	now := metav1.NewTime(time.Now())
	status.LastTerminationState = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 1, FinishedAt: now}}
	status.State = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now}}
	status.RestartCount++
	_, err = pods.UpdateStatus(ctx, pod, metav1.UpdateOptions{})
	if err != nil && ctx.Err() == nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
		c.t.Errorf("restart a container of pod %s/%s: %v", of.Namespace, of.Name, err)
	}
}
