//go:build linux

package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

const scaled = `
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: shop, name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: app
        image: docker.io/plimsoll/load:e2e
        args: ["-millicores=20", "-mebibytes=16", "-listen=:8080"]
        resources: {requests: {cpu: 200m}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {namespace: shop, name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 1
  maxReplicas: 4
  metrics:
  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}
`

// testAutoscaler has the real controller follow a load that the Deployment's pods share, like pods behind a Service.
func (env *environment) testAutoscaler(t *testing.T) {
	t.Parallel()
	env.apply(t, scaled)
	poll.Eventually(t, 90*time.Second, func(ctx context.Context) error { return env.share(ctx, 20, 1) })
	// 300m at half of 200m want three pods; the autoscaler's own tolerance is a tenth.
	begin := time.Now()
	poll.Eventually(t, 2*time.Minute, func(ctx context.Context) error { return env.share(ctx, 300, 3) })
	progress("the autoscaler has scaled up after %s", time.Since(begin).Round(time.Second))
	begin = time.Now()
	poll.Eventually(t, 2*time.Minute, func(ctx context.Context) error { return env.share(ctx, 20, 1) })
	progress("the autoscaler has scaled down after %s", time.Since(begin).Round(time.Second))
}

// share gives each running pod an equal part of a load in millicores, and wants the autoscaler to
// have made them so many.
func (env *environment) share(ctx context.Context, millicores int, want int32) error {
	list, err := env.client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=web"})
	if err != nil {
		return err
	}
	var ready []corev1.Pod
	for _, p := range list.Items {
		if p.Status.Phase == corev1.PodRunning && p.DeletionTimestamp == nil && p.Status.PodIP != "" {
			ready = append(ready, p)
		}
	}
	for _, p := range ready {
		if err := setLoad(ctx, p.Status.PodIP, millicores/len(ready)); err != nil {
			return err
		}
	}
	h, err := env.client.AutoscalingV2().HorizontalPodAutoscalers(namespace).Get(ctx, "web", metav1.GetOptions{})
	if err != nil {
		return err
	}
	if m := h.Status.CurrentMetrics; len(m) != 1 || m[0].Resource == nil || m[0].Resource.Current.AverageUtilization == nil {
		return fmt.Errorf("the autoscaler has no number: %v", h.Status.Conditions)
	}
	if len(ready) != int(want) || h.Status.DesiredReplicas != want {
		return fmt.Errorf("%d pods run and the autoscaler wants %d at %d%%, want %d",
			len(ready), h.Status.DesiredReplicas, *h.Status.CurrentMetrics[0].Resource.Current.AverageUtilization, want)
	}
	return nil
}

// setLoad sets the load of one pod.
func setLoad(ctx context.Context, address string, millicores int) error {
	url := fmt.Sprintf("http://%s:8080/?millicores=%d", address, millicores)
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, url, nil)
	if err != nil {
		return err
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("set the load of a pod: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		err = fmt.Errorf("set the load of a pod: %s", response.Status)
	}
	return errors.Join(err, response.Body.Close())
}
