//go:build linux

package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/plimsoll/plimsoll/test/framework/poll"
	"github.com/plimsoll/plimsoll/test/framework/realnode"
)

// testCertificates goes through the three ways to stand to a kubelet's certificate. The last one is what the other tests use.
func (w *world) testCertificates(t *testing.T) {
	w.applyManifests(t)
	t.Run("Refused", w.testRefused)
	w.install(t, "kubelet-insecure-tls")
	t.Run("Unverified", w.testNodeServed)
	progress("starting the kubelet again, with a certificate of the cluster")
	must(t, w.node.StopKubelet())
	must(t, w.node.StartKubelet(t.Context(), realnode.SignedByCluster))
	must(t, w.node.ApproveCertificate(t.Context()))
	w.install(t)
	t.Run("Verified", w.testNodeServed)
}

// testRefused has the default certificate of the only kubelet be what an operator reads, in the answer and in the log.
func (w *world) testRefused(t *testing.T) {
	poll.Eventually(t, time.Minute, func(ctx context.Context) error {
		client, err := w.direct(ctx)
		if err != nil {
			return err
		}
		// Left to itself, the client would ask ten times.
		err = client.MetricsV1beta1().RESTClient().Get().Resource("nodes").Name(w.node.Name()).MaxRetries(0).Do(ctx).Error()
		if err == nil || !strings.Contains(err.Error(), "tls_") && !strings.Contains(err.Error(), "certificate") {
			return fmt.Errorf("the answer does not name the certificate: %w", err)
		}
		progress("plimsoll answers: %s", err)
		return nil
	})
	log, err := w.serverLog(t.Context())
	must(t, err)
	if !strings.Contains(log, "certificate") || !strings.Contains(log, "serverTLSBootstrap") {
		t.Errorf("the log does not name the certificate and the cure:\n%s", log)
	}
}

// testCertificateLost gives the kubelet its default certificate back: once the last numbers are too old, the reader of each
// object is told of the certificate and of the cure.
func (w *world) testCertificateLost(t *testing.T) {
	progress("starting the kubelet again, with a certificate that it signs itself")
	must(t, w.node.StopKubelet())
	must(t, w.node.StartKubelet(t.Context(), realnode.SelfSigned))
	refused := func(err error) error {
		if !apierrors.IsNotFound(err) || !strings.Contains(err.Error(), "certificate") || !strings.Contains(err.Error(), "serverTLSBootstrap") {
			return fmt.Errorf("the answer is no 404 that names the certificate and the cure: %w", err)
		}
		progress("a reader is told: %s", err)
		return nil
	}
	poll.Eventually(t, 2*time.Minute, func(ctx context.Context) error {
		_, err := w.nodeMetrics(ctx)
		return refused(err)
	})
	poll.Eventually(t, time.Minute, func(ctx context.Context) error {
		_, err := w.podMetrics(ctx, "catalogue")
		return refused(err)
	})
}

// testNodeServed wants true numbers of the node, the way that a person asks for them.
func (w *world) testNodeServed(t *testing.T) {
	poll.Eventually(t, time.Minute, func(ctx context.Context) error {
		m, err := w.nodeMetrics(ctx)
		if err != nil {
			return err
		}
		if m.Usage.Cpu().IsZero() || m.Usage.Memory().Value() < 64<<20 {
			return fmt.Errorf("the node uses %s and %s", m.Usage.Cpu(), m.Usage.Memory())
		}
		return nil
	})
	out, err := w.kubectl(t.Context(), "", "top", "nodes", "--no-headers")
	must(t, err)
	progress("kubectl top nodes: %s", strings.TrimSpace(out))
	if fields := strings.Fields(out); len(fields) != 5 || fields[0] != w.node.Name() {
		t.Errorf("kubectl top nodes printed %q", out)
	}
}
