package source

import (
	"context"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

const scaled = `
apiVersion: v1
kind: Namespace
metadata: {name: scaled}
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: scaled, name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
      annotations: {plimsoll.dev/load-group: web}
    spec:
      containers:
      - {name: app, image: "example.invalid/web:1", resources: {requests: {cpu: 200m}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {namespace: scaled, name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 1
  maxReplicas: 10
  metrics:
  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}
`

// TestAutoscaler has the real controller scale a Deployment up and back down with usage that comes out of Prometheus.
func TestAutoscaler(t *testing.T) {
	need(t)
	load := func(cores float64) {
		t.Helper()
		if err := env.Fleet.SetLoad("scaled/web", cores); err != nil {
			t.Fatal(err)
		}
	}
	load(0.05)
	if _, err := env.Run(t.Context(), scaled, "apply", "-f", "-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := env.Run(context.WithoutCancel(t.Context()), "", "delete", "namespace", "scaled", "--wait=true", "--timeout=60s"); err != nil {
			t.Error(err)
		}
	})
	poll.Eventually(t, time.Minute, func(ctx context.Context) error {
		h, err := env.Client.AutoscalingV2().HorizontalPodAutoscalers("scaled").Get(ctx, "web", metav1.GetOptions{})
		if err == nil && len(h.Status.CurrentMetrics) != 1 {
			err = fmt.Errorf("the autoscaler has no number yet: %v", h.Status.Conditions)
		}
		return err
	})
	for _, step := range []struct {
		cores       float64
		least, most int32
	}{{0.7, 6, 8}, {0.05, 1, 1}} {
		load(step.cores)
		begin := time.Now()
		poll.Eventually(t, 2*time.Minute, func(ctx context.Context) error { return replicas(ctx, step.least, step.most) })
		t.Logf("%d to %d replicas %.0f s after the load became %.2f cores", step.least, step.most, time.Since(begin).Seconds(), step.cores)
	}
}

// replicas wants a number of pods that are ready, and as many that are wanted.
func replicas(ctx context.Context, least, most int32) error {
	d, err := env.Client.AppsV1().Deployments("scaled").Get(ctx, "web", metav1.GetOptions{})
	if err != nil {
		return err
	}
	if got := d.Status.ReadyReplicas; got < least || got > most || *d.Spec.Replicas != got {
		return fmt.Errorf("%d pods are ready and %d are wanted, want %d to %d", got, *d.Spec.Replicas, least, most)
	}
	return nil
}
