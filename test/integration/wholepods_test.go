package integration

import (
	"context"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

const wholePods = `
apiVersion: v1
kind: Namespace
metadata: {name: whole}
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: whole, name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
      annotations: {plimsoll.dev/load-group: web}
    spec:
      containers:
      - {name: app, image: "example.invalid/web:1"}
      - {name: proxy, image: "example.invalid/proxy:1"}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {namespace: whole, name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 1
  maxReplicas: 10
  metrics:
  - {type: Resource, resource: {name: plimsoll.io/pod-cpu, target: {type: AverageValue, averageValue: 100m}}}
`

// register has the API server send metrics.k8s.io to the server at another port, until the test ends.
func register(t *testing.T, port int) {
	t.Helper()
	for _, version := range []string{"v1", "v1beta1"} {
		send := func(port int) []string {
			return []string{"patch", "apiservice", version + ".metrics.k8s.io", "--type=merge", "-p", fmt.Sprintf(`{"spec":{"service":{"port":%d}}}`, port)}
		}
		t.Cleanup(func() { cleanUp(t, send(env.Server.Port)...) })
		if _, err := env.Run(t.Context(), "", send(port)...); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAutoscalerOfPodsAsAWhole has the real controller scale by a key that the requests of no container have.
func TestAutoscalerOfPodsAsAWhole(t *testing.T) {
	serveWholePods(t)
	if err := env.Fleet.SetLoad("whole/web", 0.7); err != nil {
		t.Fatal(err)
	}
	if _, err := env.Run(t.Context(), wholePods, "apply", "-f", "-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cleanUp(t, "delete", "namespace", "whole", "--wait=true", "--timeout=60s") })
	// 0.7 cores at 100m each want seven pods; the autoscaler's own tolerance is a tenth.
	poll.Eventually(t, 2*time.Minute, func(ctx context.Context) error {
		h, err := env.Client.AutoscalingV2().HorizontalPodAutoscalers("whole").Get(ctx, "web", metav1.GetOptions{})
		if err != nil {
			return err
		}
		m := h.Status.CurrentMetrics
		if len(m) != 1 || m[0].Resource == nil || m[0].Resource.Name != "plimsoll.io/pod-cpu" || m[0].Resource.Current.AverageValue == nil {
			return fmt.Errorf("the autoscaler has no number yet: %v", h.Status.Conditions)
		}
		if n := h.Status.CurrentReplicas; n < 6 || n > 8 {
			return fmt.Errorf("%d replicas use %s each", n, m[0].Resource.Current.AverageValue)
		}
		return nil
	})
}

// serveWholePods has a server serve what each pod uses as a whole, until the test ends.
func serveWholePods(t *testing.T) {
	t.Helper()
	server, err := env.StartServer(t.Context(), "--extra-resources=pod")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	register(t, server.Port)
}

// TestUsageOfPodsAsAWhole wants the sum over the containers to be that of the pod's own cgroup, which the fleet's pods have with their sandbox.
func TestUsageOfPodsAsAWhole(t *testing.T) {
	serveWholePods(t)
	poll.Eventually(t, time.Minute, func(ctx context.Context) error {
		list, err := env.Metrics.MetricsV1().PodMetricses("team-3").List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		for _, p := range list.Items {
			var containers, whole int64
			for _, c := range p.Containers {
				memory, ok := c.Usage["plimsoll.io/pod-memory"]
				if cpu, has := c.Usage["plimsoll.io/pod-cpu"]; !ok || !has || cpu.Sign() < 0 {
					return fmt.Errorf("%s/%s %s has %v", p.Namespace, p.Name, c.Name, c.Usage)
				}
				whole += memory.Value()
				containers += c.Usage.Memory().Value()
			}
			if whole < containers/2 || whole > containers*2 {
				return fmt.Errorf("%s/%s uses %d bytes as a whole, its containers %d", p.Namespace, p.Name, whole, containers)
			}
		}
		if len(list.Items) != 300 {
			return fmt.Errorf("%d pods have usage", len(list.Items))
		}
		return nil
	})
}
