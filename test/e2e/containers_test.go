//go:build linux

package e2e

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/metrics/pkg/apis/metrics/v1beta1"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

const kinds = `
apiVersion: v1
kind: Pod
metadata: {namespace: shop, name: checkout}
spec:
  terminationGracePeriodSeconds: 1
  initContainers:
  - {name: migrate, image: "docker.io/plimsoll/load:e2e", args: ["-once"]}
  - {name: proxy, image: "docker.io/plimsoll/load:e2e", args: ["-millicores=20", "-mebibytes=16"], restartPolicy: Always}
  containers:
  - {name: app, image: "docker.io/plimsoll/load:e2e", args: ["-millicores=50", "-mebibytes=32"]}
`

// testKinds wants the containers that run for good, and them alone: not the one that has ended, nor the one for debugging.
func (env *environment) testKinds(t *testing.T) {
	t.Parallel()
	env.apply(t, kinds)
	want := []string{"app", "proxy"}
	m := env.next(t, "checkout", time.Time{})
	if diff := cmp.Diff(want, containers(m)); diff != "" {
		t.Errorf("containers (-want +got):\n%s", diff)
	}
	_, err := env.kubectl(t.Context(), "", "debug", "checkout", "--namespace", namespace, "--container=debugger", "--image="+loadImage,
		"--image-pull-policy=Never", "--profile=general", "--", "/load", "-millicores=20")
	must(t, err)
	var begin time.Time
	poll.Eventually(t, time.Minute, func(ctx context.Context) error {
		pod, err := env.pod(ctx, "checkout")
		if err != nil {
			return err
		}
		if s := pod.Status.EphemeralContainerStatuses; len(s) != 1 || s[0].State.Running == nil {
			return fmt.Errorf("the debug container does not run: %v", s)
		}
		begin = time.Now()
		return nil
	})
	// The second response after it began is computed with it there from one end to the other.
	for range 2 {
		m = env.next(t, "checkout", begin)
		begin = m.Timestamp.Time
		if diff := cmp.Diff(want, containers(m)); diff != "" {
			t.Errorf("containers while a debug container runs (-want +got):\n%s", diff)
		}
	}
}

const killed = `
apiVersion: v1
kind: Pod
metadata: {namespace: shop, name: payments}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - {name: app, image: "docker.io/plimsoll/load:e2e", args: ["-millicores=100", "-mebibytes=32"]}
  - {name: cache, image: "docker.io/plimsoll/load:e2e", args: ["-millicores=20", "-mebibytes=16"]}
`

// testKilled kills a container: no number is ever larger than the truth, and the pod is back in full soon.
func (env *environment) testKilled(t *testing.T) {
	t.Parallel()
	env.apply(t, killed)
	plausible(t, env.next(t, "payments", time.Time{}))
	pod, err := env.pod(t.Context(), "payments")
	must(t, err)
	_, id, _ := strings.Cut(containerID(pod, "app"), "://")
	_, err = env.node.Ctr(t.Context(), "tasks", "kill", "--signal", "SIGKILL", id)
	must(t, err)
	death := time.Now()
	poll.Eventually(t, 90*time.Second, func(ctx context.Context) error {
		m, err := env.podMetrics(ctx, "payments")
		if err != nil {
			return err
		}
		plausible(t, m)
		if isIdle(m.Containers[0]) {
			return errors.New("the container that was killed waits to be started again")
		}
		// Times have whole seconds.
		if begin := m.Timestamp.Add(-m.Window.Duration); begin.Before(death.Add(-time.Second)) {
			return fmt.Errorf("the metrics are still about the time before the container was killed, from %s", begin)
		}
		return nil
	})
	progress("payments is back in full %s after its container was killed", time.Since(death).Round(time.Second/10))
	pod, err = env.pod(t.Context(), "payments")
	must(t, err)
	if pod.Status.ContainerStatuses[0].RestartCount != 1 {
		t.Errorf("the container was restarted %d times, want once", pod.Status.ContainerStatuses[0].RestartCount)
	}
}

// plausible wants both containers, each with no more than it can use: the load that it is given, and the cost of a start.
func plausible(t *testing.T, m *v1beta1.PodMetrics) {
	t.Helper()
	if diff := cmp.Diff([]string{"app", "cache"}, containers(m)); diff != "" {
		t.Errorf("containers (-want +got):\n%s", diff)
	}
	for _, c := range m.Containers {
		if cpu := c.Usage.Cpu().MilliValue(); cpu < 0 || cpu > 150 {
			t.Errorf("%s uses %dm, which it cannot", c.Name, cpu)
		}
		if memory := c.Usage.Memory().Value(); memory <= 0 && !isIdle(c) || memory > 64<<20 {
			t.Errorf("%s uses %d bytes, which it cannot", c.Name, memory)
		}
	}
}

// isIdle is true of a container that uses nothing: it is served so while it waits to be started again.
func isIdle(c v1beta1.ContainerMetrics) bool {
	return c.Usage.Cpu().IsZero() && c.Usage.Memory().IsZero()
}

func containerID(pod *corev1.Pod, name string) string {
	for _, s := range pod.Status.ContainerStatuses {
		if s.Name == name {
			return s.ContainerID
		}
	}
	return ""
}

const errand = `
apiVersion: v1
kind: Pod
metadata: {namespace: shop, name: errand}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - {name: app, image: "docker.io/plimsoll/load:e2e", args: ["-millicores=20", "-mebibytes=16"]}
`

// testDeleted wants a pod that was deleted to be gone at once, without a word of the kubelet.
func (env *environment) testDeleted(t *testing.T) {
	t.Parallel()
	env.apply(t, errand)
	env.next(t, "errand", time.Time{})
	_, err := env.kubectl(t.Context(), "", "delete", "pod", "errand", "--namespace", namespace, "--wait=true")
	must(t, err)
	gone := time.Now()
	poll.Eventually(t, time.Second, func(ctx context.Context) error {
		if m, err := env.podMetrics(ctx, "errand"); !apierrors.IsNotFound(err) {
			return fmt.Errorf("it is still served as of %s: %w", m.Timestamp, err)
		}
		return nil
	})
	progress("errand was gone from the metrics %s after it was deleted", time.Since(gone).Round(time.Millisecond))
	list, err := env.metrics.MetricsV1beta1().PodMetricses(namespace).List(t.Context(), metav1.ListOptions{})
	must(t, err)
	for _, m := range list.Items {
		if m.Name == "errand" {
			t.Error("it is still in the list")
		}
	}
}
