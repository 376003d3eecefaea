package certificates

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// maxUpgradeGap is how long requests may fail during an upgrade from an installation that skips verification: several times the figure of
// docs/certificates.md, for machines that are busy.
const maxUpgradeGap = 15 * time.Second

// TestUpgradeGap upgrades an installation that skips verification under 100 requests a second through the aggregator. As the Service does, the aggregator
// sends requests to the old server until the new one is ready. The old server's certificate is refused from the moment at which verification is no longer
// skipped.
func TestUpgradeGap(t *testing.T) {
	old := launch(t, "--serving-certificate-service=", "--cert-dir="+t.TempDir())
	if err := env.Client.CoreV1().Secrets(namespace).Delete(t.Context(), secretName, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
		t.Fatal(err)
	}
	createService(t, service)
	for _, version := range versions {
		unregister(t, version)
		t.Cleanup(func() { unregister(t, version) })
	}
	manifests := rendered(t, old.Port)
	awaitReady(t, old, true)
	apply(t, skipping(manifests))
	awaitAvailable(t)

	l, _ := startRequests(t)
	start := time.Now()
	<-time.After(2 * time.Second)
	if n := l.failed(); n > 0 {
		t.Errorf("%d requests failed before the upgrade", n)
	}
	begin := time.Now()
	apply(t, manifests)
	renewed := launch(t)
	awaitReady(t, renewed, true)
	lead(t, renewed)
	awaitVerified(t, renewed)
	end := time.Now()
	<-time.After(2 * time.Second)
	l.stop()

	rate, gap := float64(l.requests)/time.Since(start).Seconds(), time.Duration(0)
	if n := len(l.failures); n > 0 {
		last := slices.MaxFunc(l.failures, func(a, b failure) int { return a.at.Compare(b.at) })
		gap = last.at.Sub(begin)
		if last.at.After(end) {
			t.Errorf("a request failed after the upgrade: %v", last.err)
		}
	}
	t.Logf("the upgrade took %s: %d requests, %.0f a second, of which %d failed, the last %s after the beginning",
		end.Sub(begin).Round(time.Millisecond), l.requests, rate, len(l.failures), gap.Round(time.Millisecond))
	if rate < 80 {
		t.Error("the load was too small")
	}
	if gap > maxUpgradeGap {
		t.Errorf("requests failed for %s, want at most %s", gap, maxUpgradeGap)
	}
}

// lead has the APIServices lead to another server, as the Service does.
func lead(t *testing.T, to *cluster.Server) {
	t.Helper()
	for _, version := range versions {
		patch := fmt.Appendf(nil, `{"spec":{"service":{"port":%d}}}`, to.Port)
		if _, err := apiServices(t).Patch(t.Context(), objectName(version), types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

// awaitAvailable waits until the API server serves the nodes under both versions.
func awaitAvailable(t *testing.T) {
	t.Helper()
	poll.Eventually(t, within, func(ctx context.Context) error {
		for _, version := range versions {
			if _, err := cluster.Fetch(ctx, env.AdminConfig(), "/apis/metrics.k8s.io/"+version+"/nodes"); err != nil {
				return err
			}
		}
		return nil
	})
}
