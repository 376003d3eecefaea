//go:build linux

package e2e

import (
	"testing"

	"github.com/plimsoll/plimsoll/test/framework/realnode"
)

// On its usual socket containerd's containers are known to the kubelet's cAdvisor, whose readings are 10 to 20 seconds apart.
func TestUsualSocket(t *testing.T) { testNode(t, realnode.UsualSocket) }

// On any other the kubelet reads from the runtime at each request.
func TestOwnSocket(t *testing.T) {
	env := testNode(t, "")
	t.Run("PodSecurity", env.testPodSecurity)
	t.Run("ServingCertificate", env.testServingCertificate)
	t.Run("Disks", env.testDisks)
	t.Run("CertificateLost", env.testCertificateLost)
}

func testNode(t *testing.T, socket string) *environment {
	t.Helper()
	env := start(t, socket)
	t.Run("Certificates", env.testCertificates)
	t.Run("Pods", func(t *testing.T) {
		t.Run("Metrics", env.testMetrics)
		t.Run("Kinds", env.testKinds)
		t.Run("Killed", env.testKilled)
		t.Run("Deleted", env.testDeleted)
		t.Run("Autoscaler", env.testAutoscaler)
	})
	t.Run("Outage", env.testOutage)
	return env
}
