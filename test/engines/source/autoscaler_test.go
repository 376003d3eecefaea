package source

import (
	"testing"

	"github.com/plimsoll/plimsoll/test/framework/autoscaler"
)

// TestAutoscaler has the real controller scale a Deployment up and back down with usage that comes out of Prometheus.
func TestAutoscaler(t *testing.T) {
	need(t)
	autoscaler.Scale(t, env)
}
