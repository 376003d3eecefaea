//go:build linux

package e2e

import (
	"testing"

	"github.com/plimsoll/plimsoll/test/framework/realnode"
)

// On its usual socket containerd's containers are known to the kubelet's cAdvisor, whose readings are 10 to 20 seconds apart.
func TestUsualSocket(t *testing.T) { testNode(t, realnode.UsualSocket) }

// On any other the kubelet asks the runtime at each request.
func TestOwnSocket(t *testing.T) {
	w := testNode(t, "")
	t.Run("Disks", w.testDisks)
	t.Run("CertificateLost", w.testCertificateLost)
}

func testNode(t *testing.T, socket string) *world {
	t.Helper()
	w := start(t, socket)
	t.Run("Certificates", w.testCertificates)
	t.Run("Pods", func(t *testing.T) {
		t.Run("Numbers", w.testNumbers)
		t.Run("Kinds", w.testKinds)
		t.Run("Killed", w.testKilled)
		t.Run("Deleted", w.testDeleted)
		t.Run("Autoscaler", w.testAutoscaler)
	})
	t.Run("Outage", w.testOutage)
	return w
}
