//go:build linux

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plimsoll/plimsoll/test/framework/parts"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// peerManifests is the folder, below that of the tests, of the manifests that come with metrics-server.
const peerManifests = "metrics-server-manifests"

// peerOverlay installs metrics-server by its own manifests, with Plimsoll's image, and with the command named as older manifests do.
const peerOverlay = `
resources: [%s/base]
images:
- name: gcr.io/k8s-staging-metrics-server/metrics-server
  newName: docker.io/plimsoll/plimsoll
  newTag: v0.1.0
patches:
- target: {kind: Deployment, name: metrics-server}
  patch: |-
    - op: add
      path: /spec/template/spec/containers/0/command
      value: [/metrics-server]
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --kubelet-insecure-tls
`

// featureGate is a pod that never runs. The suite reads its command to learn that the cluster has sidecar containers.
const featureGate = `
apiVersion: v1
kind: Pod
metadata: {namespace: kube-system, name: kube-apiserver-e2e-control-plane}
spec:
  nodeSelector: {no: such-node}
  containers: [{name: kube-apiserver, image: "docker.io/plimsoll/load:e2e", command: [kube-apiserver, "--feature-gates=SidecarContainers=true"]}]
`

// peerSpecs are all tests of metrics-server's suite, each with the expected result: "passed", or a part of the message with which it
// fails. The two that fail compare the complete text of a health check, which lists the checks of metrics-server by their names. Plimsoll
// has other checks: readiness has first-numbers instead of metric-storage-ready and metric-informer-sync, and liveness does not
// depend on when the last scrape was.
func peerSpecs() map[string]string {
	const passed, readyChecks, liveChecks = "passed", "metric-storage-ready", "metric-collection-timely"
	return map[string]string{
		"exposes metrics from at least one pod in cluster":                             passed,
		"exposes metrics about all nodes in cluster":                                   passed,
		"returns accurate CPU metric":                                                  passed,
		"returns accurate memory metric":                                               passed,
		"returns metric for pod with init container":                                   passed,
		"returns metric for pod with sideCar container":                                passed,
		"returns metric for pod with init sidecar container":                           passed,
		"passes readyz probe":                                                          readyChecks,
		"passes livez probe":                                                           liveChecks,
		"exposes prometheus metrics":                                                   passed,
		"skip scrape metrics about nodes with label node-selector filtered in cluster": passed,
	}
}

// TestMetricsServerSuite runs metrics-server's own end-to-end tests against Plimsoll, which is installed by metrics-server's manifests.
func TestMetricsServerSuite(t *testing.T) {
	env := start(t, "")
	env.installAsPeer(t)
	env.apply(t, featureGate)
	got := env.runSuite(t)
	env.top(t)
	for spec, message := range peerSpecs() {
		if message != "passed" && strings.Contains(got[spec], message) {
			got[spec] = message
		}
	}
	if diff := cmp.Diff(peerSpecs(), got); diff != "" {
		t.Errorf("specs of metrics-server's suite (-want +got):\n%s", diff)
	}
}

// top has kubectl, which prefers v1, work where the manifests of metrics-server register v1beta1 alone.
func (env *environment) top(t *testing.T) {
	t.Helper()
	for _, args := range [][]string{{"top", "nodes"}, {"top", "pods", "--namespace", metav1.NamespaceSystem, "--containers"}} {
		out, err := env.kubectl(t.Context(), "", args...)
		if err != nil || !strings.Contains(out, "metrics-server") && !strings.Contains(out, env.node.Name()) {
			t.Errorf("kubectl %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// installAsPeer puts Plimsoll in metrics-server's place.
func (env *environment) installAsPeer(t *testing.T) {
	t.Helper()
	overlay := t.TempDir()
	relative, err := filepath.Rel(overlay, filepath.Join(os.Getenv(dirVariable), peerManifests))
	must(t, err)
	text := fmt.Sprintf(peerOverlay, relative)
	must(t, os.WriteFile(filepath.Join(overlay, "kustomization.yaml"), []byte(text), 0o600))
	for _, args := range [][]string{
		{"apply", "-k", overlay},
		{"rollout", "status", "--namespace", metav1.NamespaceSystem, "deployment/metrics-server", "--timeout=120s"},
		{"wait", "--for=condition=Available", "--timeout=60s", "apiservice/v1beta1.metrics.k8s.io"},
	} {
		_, err := env.kubectl(t.Context(), "", args...)
		must(t, err)
	}
	poll.Eventually(t, time.Minute, func(ctx context.Context) error {
		_, err := env.nodeMetrics(ctx)
		return err
	})
	progress("plimsoll is installed in the place of metrics-server")
}

// runSuite returns the result of each test, by its text: its state, and the message unless that is "passed".
func (env *environment) runSuite(t *testing.T) map[string]string {
	t.Helper()
	binaries, err := parts.Ensure(t.Context(), os.Stderr, parts.Suites()...)
	must(t, err)
	report := filepath.Join(env.dir, "suite.json")
	suite := exec.CommandContext(t.Context(), binaries[parts.MetricsServerSuite],
		"-test.timeout=10m", "-ginkgo.timeout=9m", "-ginkgo.no-color", "-ginkgo.json-report="+report)
	suite.Dir = env.dir
	suite.Env = append(os.Environ(), "KUBECONFIG="+env.plane.AdminKubeconfig())
	out, err := suite.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	specs, err := readReport(report)
	if err != nil {
		t.Fatalf("%v; the suite printed:\n%s", err, out)
	}
	for spec, state := range specs {
		progress("%s: %.60q", spec, state)
	}
	return specs
}

func readReport(path string) (map[string]string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the report of the suite: %w", err)
	}
	var reports []struct {
		SpecReports []struct {
			LeafNodeType, LeafNodeText, State string
			Failure                           struct{ Message string }
		}
	}
	if err := json.Unmarshal(content, &reports); err != nil {
		return nil, fmt.Errorf("decode the report of the suite: %w", err)
	}
	specs := map[string]string{}
	for _, r := range reports {
		for _, s := range r.SpecReports {
			switch {
			case s.LeafNodeType != "It" && s.State == "passed":
			case s.State == "passed":
				specs[s.LeafNodeText] = s.State
			default:
				specs[s.LeafNodeText] = s.State + ": " + s.Failure.Message
			}
		}
	}
	return specs, nil
}
