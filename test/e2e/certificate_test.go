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

// byNodeOverlay has a kubelet's certificate verified by the node.
const byNodeOverlay = `
resources: [MANIFESTS/base]
patches:
- target: {kind: Deployment, name: plimsoll}
  patch: |-
    - {op: add, path: /spec/template/spec/containers/0/args/-, value: --kubelet-verify=node-name}
`

// testCertificates tests the four ways to treat a kubelet's certificate. The other tests use the last one.
func (env *environment) testCertificates(t *testing.T) {
	env.applyManifests(t)
	t.Run("Refused", env.testRefused)
	env.install(t, "kubelet-insecure-tls")
	t.Run("Unverified", env.testNodeServed)
	progress("starting the kubelet again, with a certificate of the cluster")
	must(t, env.node.StopKubelet())
	must(t, env.node.StartKubelet(t.Context(), realnode.SignedByCluster))
	must(t, env.node.ApproveCertificate(t.Context()))
	env.applyOverlay(t, byNodeOverlay)
	env.awaitServer(t)
	t.Run("VerifiedByNode", env.testNodeServed)
	env.install(t)
	t.Run("Verified", env.testNodeServed)
}

// testRefused wants the default certificate of the only kubelet to be named in the response and in the log.
func (env *environment) testRefused(t *testing.T) {
	poll.Eventually(t, time.Minute, func(ctx context.Context) error {
		client, err := env.direct(ctx)
		if err != nil {
			return err
		}
		// By default, the client would retry ten times.
		err = client.MetricsV1beta1().RESTClient().Get().Resource("nodes").Name(env.node.Name()).MaxRetries(0).Do(ctx).Error()
		if err == nil || !strings.Contains(err.Error(), "tls_") && !strings.Contains(err.Error(), "certificate") {
			return fmt.Errorf("the response does not name the certificate: %w", err)
		}
		progress("plimsoll returns: %s", err)
		return nil
	})
	log, err := env.serverLog(t.Context())
	must(t, err)
	if !strings.Contains(log, "certificate") || !strings.Contains(log, "serverTLSBootstrap") {
		t.Errorf("the log does not name the certificate and the cure:\n%s", log)
	}
}

// testCertificateLost gives the kubelet its default certificate back: once the last metrics are too old, the reader of each
// object gets a message that names the certificate and the cure.
func (env *environment) testCertificateLost(t *testing.T) {
	progress("starting the kubelet again, with a certificate that it signs itself")
	must(t, env.node.StopKubelet())
	must(t, env.node.StartKubelet(t.Context(), realnode.SelfSigned))
	refused := func(err error) error {
		if !apierrors.IsNotFound(err) || !strings.Contains(err.Error(), "certificate") || !strings.Contains(err.Error(), "serverTLSBootstrap") {
			return fmt.Errorf("the response is no 404 that names the certificate and the cure: %w", err)
		}
		progress("the message of a reader: %s", err)
		return nil
	}
	poll.Eventually(t, 2*time.Minute, func(ctx context.Context) error {
		_, err := env.nodeMetrics(ctx)
		return refused(err)
	})
	poll.Eventually(t, time.Minute, func(ctx context.Context) error {
		_, err := env.podMetrics(ctx, "catalogue")
		return refused(err)
	})
}

// testNodeServed wants true metrics of the node from kubectl.
func (env *environment) testNodeServed(t *testing.T) {
	poll.Eventually(t, time.Minute, func(ctx context.Context) error {
		m, err := env.nodeMetrics(ctx)
		if err != nil {
			return err
		}
		if m.Usage.Cpu().IsZero() || m.Usage.Memory().Value() < 64<<20 {
			return fmt.Errorf("the node uses %s and %s", m.Usage.Cpu(), m.Usage.Memory())
		}
		return nil
	})
	out, err := env.kubectl(t.Context(), "", "top", "nodes", "--no-headers")
	must(t, err)
	progress("kubectl top nodes: %s", strings.TrimSpace(out))
	if fields := strings.Fields(out); len(fields) != 5 || fields[0] != env.node.Name() {
		t.Errorf("kubectl top nodes printed %q", out)
	}
}
