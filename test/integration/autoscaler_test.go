package integration

import (
	"context"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/autoscaler"
)

// TestAutoscaler has the real controller scale a Deployment up and back down with Plimsoll's usage.
func TestAutoscaler(t *testing.T) { autoscaler.Scale(t, env) }

// cleanUp runs kubectl after a test, whose own context has ended by then.
func cleanUp(t *testing.T, args ...string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 90*time.Second)
	defer cancel()
	if _, err := env.Run(ctx, "", args...); err != nil {
		t.Error(err)
	}
}
