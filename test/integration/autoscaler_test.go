package integration

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

// TestAutoscaler has the real controller scale a Deployment up and back down with Plimsoll's usage.
func TestAutoscaler(t *testing.T) {
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
	t.Cleanup(func() { cleanUp(t, "delete", "namespace", "scaled", "--wait=true", "--timeout=60s") })
	poll.Eventually(t, time.Minute, func(ctx context.Context) error {
		h, err := env.Client.AutoscalingV2().HorizontalPodAutoscalers("scaled").Get(ctx, "web", metav1.GetOptions{})
		if err != nil {
			return err
		}
		if m := h.Status.CurrentMetrics; len(m) != 1 || m[0].Resource == nil || m[0].Resource.Current.AverageUtilization == nil {
			return fmt.Errorf("the autoscaler has no number yet: %v", h.Status.Conditions)
		}
		return nil
	})
	if err := replicas(t.Context(), 1, 1); err != nil {
		t.Fatal(err)
	}
	// 0.7 cores at half of 200m want seven pods; the autoscaler's own tolerance is a tenth.
	load(0.7)
	poll.Eventually(t, 90*time.Second, func(ctx context.Context) error { return replicas(ctx, 6, 8) })
	load(0.05)
	poll.Eventually(t, 90*time.Second, func(ctx context.Context) error { return replicas(ctx, 1, 1) })
}

// replicas wants a number of pods that are ready, and as many that are wanted.
func replicas(ctx context.Context, least, most int32) error {
	d, err := env.Client.AppsV1().Deployments("scaled").Get(ctx, "web", metav1.GetOptions{})
	if err != nil {
		return err
	}
	if got := d.Status.ReadyReplicas; got < least || got > most || *d.Spec.Replicas != got {
		return fmt.Errorf("%d replicas are wanted and %d are ready, want %d to %d", *d.Spec.Replicas, got, least, most)
	}
	return nil
}

// cleanUp runs kubectl after a test, whose own context has ended by then.
func cleanUp(t *testing.T, args ...string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 90*time.Second)
	defer cancel()
	if _, err := env.Run(ctx, "", args...); err != nil {
		t.Error(err)
	}
}
