package source

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// run creates a pod of the containers app and proxy on a node, each of which uses so many cores, for the time of a test.
func run(t *testing.T, name string, node int, cores string) {
	t.Helper()
	pods := env.Client.CoreV1().Pods("default")
	_, err := pods.Create(t.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: map[string]string{fleet.AnnotationCPU: cores}},
		Spec: corev1.PodSpec{NodeName: env.Fleet.Nodes()[node], Containers: []corev1.Container{
			{Name: "app", Image: cluster.Image}, {Name: "proxy", Image: cluster.Image},
		}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { remove(context.WithoutCancel(t.Context()), t, name) })
}

// remove deletes a pod, and waits until it is gone.
func remove(ctx context.Context, t *testing.T, name string) {
	t.Helper()
	now := int64(0)
	pods := env.Client.CoreV1().Pods("default")
	if err := pods.Delete(ctx, name, metav1.DeleteOptions{GracePeriodSeconds: &now}); err != nil && !apierrors.IsNotFound(err) {
		t.Error(err)
	}
	err := poll.Within(ctx, 20*time.Second, func(ctx context.Context) error {
		if _, err := pods.Get(ctx, name, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
			return fmt.Errorf("pod %s is there: %w", name, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func served(ctx context.Context, name string) (*metricsv1.PodMetrics, error) {
	return env.Metrics.MetricsV1().PodMetricses("default").Get(ctx, name, metav1.GetOptions{})
}

// serves wants each container of a pod to use so many cores. Where it is not served the error says what the API server has of the pod.
func serves(ctx context.Context, name string, cores float64) error {
	p, err := served(ctx, name)
	if err != nil {
		object, objectErr := env.Client.CoreV1().Pods("default").Get(ctx, name, metav1.GetOptions{})
		return fmt.Errorf("%w; the pod is %s with uid %s on %q: %w", err, object.Status.Phase, object.UID, object.Spec.NodeName, objectErr)
	}
	if len(p.Containers) != 2 {
		return fmt.Errorf("%d containers are served", len(p.Containers))
	}
	for _, c := range p.Containers {
		if got := c.Usage.Cpu().AsApproximateFloat64(); got < (1-tolerance)*cores || got > (1+tolerance)*cores {
			return fmt.Errorf("container %s uses %.4f cores, want %.4f", c.Name, got, cores)
		}
	}
	return nil
}

// explained wants a pod not to be served, with a message that has some words.
func explained(ctx context.Context, name string, words ...string) (message string, err error) {
	p, err := served(ctx, name)
	if !apierrors.IsNotFound(err) {
		return "", fmt.Errorf("the pod is served: %v, %w", p, err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			return "", fmt.Errorf("%q is not in the message %w", word, err)
		}
	}
	return err.Error(), nil
}

// TestPods has pods begin, restart, move and end between two scrapes of Prometheus, which keeps what it has of them for five minutes.
func TestPods(t *testing.T) {
	need(t)
	patience := 8 * resolution
	eventually := func(name string, cores float64) {
		t.Helper()
		begin := time.Now()
		poll.Eventually(t, patience, func(ctx context.Context) error { return serves(ctx, name, cores) })
		t.Logf("pod %s is served rightly after %.1f s", name, time.Since(begin).Seconds())
	}
	t.Run("restarted", func(t *testing.T) {
		run(t, "restarted", 0, "0.3")
		eventually("restarted", 0.3)
		if err := env.Fleet.Restart("default", "restarted", "app"); err != nil {
			t.Fatal(err)
		}
		// Nothing is computed from the counters before and after: at no time is there another number.
		poll.Throughout(t, 4*resolution, func(ctx context.Context) error { return serves(ctx, "restarted", 0.3) })
	})
	t.Run("moved", func(t *testing.T) {
		run(t, "moved", 1, "0.2")
		eventually("moved", 0.2)
		remove(t.Context(), t, "moved")
		run(t, "moved", 2, "0.4")
		poll.Throughout(t, patience, func(ctx context.Context) error {
			if _, err := served(ctx, "moved"); apierrors.IsNotFound(err) {
				return nil
			}
			return serves(ctx, "moved", 0.4)
		})
		eventually("moved", 0.4)
	})
	t.Run("deleted", func(t *testing.T) {
		run(t, "deleted", 3, "0.1")
		eventually("deleted", 0.1)
		remove(t.Context(), t, "deleted")
		begin := time.Now()
		poll.Eventually(t, resolution, func(ctx context.Context) error {
			_, err := explained(ctx, "deleted")
			return err
		})
		t.Logf("it is not served %.1f s after it was deleted", time.Since(begin).Seconds())
		still, err := prometheus.PromQL(t.Context(), `container_cpu_usage_seconds_total{pod="deleted"}[5m]`, nil)
		if err != nil || len(still) == 0 {
			t.Errorf("Prometheus has forgotten it too: %v, %v", still, err)
		}
	})
	t.Run("without some series", func(t *testing.T) {
		run(t, "half", 4, "0.2")
		var message string
		poll.Eventually(t, patience, func(ctx context.Context) (err error) {
			message, err = explained(ctx, "half", "proxy")
			return err
		})
		t.Log(message)
		poll.Throughout(t, 2*resolution, func(ctx context.Context) error {
			_, err := explained(ctx, "half", "proxy")
			return err
		})
	})
}
