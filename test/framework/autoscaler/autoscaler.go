// Package autoscaler has the real controller of HorizontalPodAutoscalers scale a Deployment of a cluster, by the usage that the cluster's metrics API serves.
package autoscaler

import (
	"context"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

const namespace, deployment = "scaled", "web"

// Requests are the requests of the pods in Objects.
const Requests = ", resources: {requests: {cpu: 200m}}"

// Objects are the Deployment web with its autoscaler in the namespace scaled, for kubectl apply.
const Objects = `
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
      - {name: app, image: "example.invalid/web:1"` + Requests + `}
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

// Scale creates a Deployment with an autoscaler, raises the load of its pods and lowers it, and fails the test unless the number of pods follows within two
// minutes each time. What it creates is deleted at the end of the test.
func Scale(tb testing.TB, c *cluster.Cluster) {
	tb.Helper()
	load := func(cores float64) {
		tb.Helper()
		if err := c.Fleet.SetLoad(namespace+"/"+deployment, cores); err != nil {
			tb.Fatal(err)
		}
	}
	load(0.05)
	if _, err := c.Run(tb.Context(), Objects, "apply", "-f", "-"); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), 90*time.Second)
		defer cancel()
		if _, err := c.Run(ctx, "", "delete", "namespace", namespace, "--wait=true", "--timeout=60s"); err != nil {
			tb.Error(err)
		}
	})
	poll.Eventually(tb, time.Minute, func(ctx context.Context) error { return hasUtilization(ctx, c) })
	if err := replicas(tb.Context(), c, 1, 1); err != nil {
		tb.Fatal(err)
	}
	// 0.7 cores at half of 200m want seven pods; the autoscaler's own tolerance is a tenth.
	for _, step := range []struct {
		cores       float64
		least, most int32
	}{{0.7, 6, 8}, {0.05, 1, 1}} {
		load(step.cores)
		begin := time.Now()
		poll.Eventually(tb, 2*time.Minute, func(ctx context.Context) error { return replicas(ctx, c, step.least, step.most) })
		tb.Logf("%d to %d replicas %.0f s after the load became %.2f cores", step.least, step.most, time.Since(begin).Seconds(), step.cores)
	}
}

// hasUtilization wants the autoscaler to have read the usage of the pods.
func hasUtilization(ctx context.Context, c *cluster.Cluster) error {
	h, err := c.Client.AutoscalingV2().HorizontalPodAutoscalers(namespace).Get(ctx, deployment, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if m := h.Status.CurrentMetrics; len(m) != 1 || m[0].Resource == nil || m[0].Resource.Current.AverageUtilization == nil {
		return fmt.Errorf("the autoscaler has no number yet: %v", h.Status.Conditions)
	}
	return nil
}

// replicas wants a number of pods that are ready, and as many that are wanted.
func replicas(ctx context.Context, c *cluster.Cluster, least, most int32) error {
	d, err := c.Client.AppsV1().Deployments(namespace).Get(ctx, deployment, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if got := d.Status.ReadyReplicas; got < least || got > most || *d.Spec.Replicas != got {
		return fmt.Errorf("%d replicas are wanted and %d are ready, want %d to %d", *d.Spec.Replicas, got, least, most)
	}
	return nil
}
