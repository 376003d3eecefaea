package doctor

import (
	"context"
	"strings"
	"testing"
)

const withoutRequests = `
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
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: app, image: "example.invalid/web:1"}
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

// TestAutoscaler has an autoscaler whose pods have no requests.
func TestAutoscaler(t *testing.T) {
	awaitHealthy(t)
	if _, err := env.Run(t.Context(), withoutRequests, "apply", "-f", "-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := env.Run(context.WithoutCancel(t.Context()), "", "delete", "namespace", "scaled", "--wait=true", "--timeout=60s"); err != nil {
			t.Error(err)
		}
	})
	found := awaitFinding(t, "PLM-HPA-NO-REQUEST", "horizontalpodautoscaler/scaled/web", "PLM-HPA-NO-USAGE")
	if !strings.Contains(found.Cure, "requests") {
		t.Errorf("the cure is %q", found.Cure)
	}
}
