package doctor

import (
	"context"
	"strings"
	"testing"

	"github.com/plimsoll/plimsoll/test/framework/autoscaler"
)

// TestAutoscaler has an autoscaler whose pods have no requests.
func TestAutoscaler(t *testing.T) {
	awaitHealthy(t)
	withoutRequests := strings.Replace(autoscaler.Objects, autoscaler.Requests, "", 1)
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
