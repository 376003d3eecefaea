package clients

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"

	"github.com/plimsoll/plimsoll/test/framework/parts"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

const (
	// busyNode is the node that has more than overutilized percent of its CPU in use, because of the pods of the test: busyPods that use busyCores each.
	busyNode      = "node-0001"
	busyPods      = 3
	busyCores     = 1.6
	overutilized  = 60
	underutilized = 40
)

const busy = `
apiVersion: v1
kind: Namespace
metadata: {name: balanced}
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: balanced, name: busy}
spec:
  replicas: %d
  selector: {matchLabels: {app: busy}}
  template:
    metadata:
      labels: {app: busy}
      annotations: {plimsoll.dev/cpu: "%v", plimsoll.dev/memory: 256Mi}
    spec:
      containers:
      - {name: app, image: "example.invalid/busy:1", resources: {requests: {cpu: 10m}}}
`

const deschedulerPolicy = `
apiVersion: descheduler/v1alpha2
kind: DeschedulerPolicy
metricsProviders:
- source: KubernetesMetrics
profiles:
- name: default
  pluginConfig:
  - name: DefaultEvictor
  - name: LowNodeUtilization
    args:
      thresholds: {cpu: %d, memory: 50}
      targetThresholds: {cpu: %d, memory: 80}
      metricsUtilization: {source: KubernetesMetrics}
  plugins:
    balance: {enabled: [LowNodeUtilization]}
`

// TestDescheduler has the descheduler balance nodes by Plimsoll's usage: by requests they are all idle. It logs the true usage of each node, evicts as
// many pods from the busy node as follows from it, and none once they are elsewhere.
func TestDescheduler(t *testing.T) {
	run := newDescheduler(t)
	makeBusy(t)
	cores, _, _ := env.Fleet.NodeTruth(busyNode)
	most := float64(fleetCPU * overutilized / 100.)
	evictions := int(math.Ceil((cores - most) / busyCores))
	if evictions < 1 || evictions >= busyPods {
		t.Fatalf("%s uses %.3f cores, which wants %d evictions", busyNode, cores, evictions)
	}
	truth := nodesNow()
	log := run(t)
	checkDescheduled(t, log, truth)
	if got := strings.Count(log, `"Evicted pod"`); got != evictions {
		t.Errorf("%d pods were evicted, want %d. The log:\n%s", got, evictions, log)
	}
	poll.Eventually(t, servedWithin, func(ctx context.Context) error { return busyPodsOn(ctx, busyPods-evictions) })
	poll.Eventually(t, servedWithin, servedNodes)
	truth = nodesNow()
	log = run(t)
	checkDescheduled(t, log, truth)
	if strings.Contains(log, `"Evicted pod"`) {
		t.Errorf("pods were evicted from a node that is no longer busy. The log:\n%s", log)
	}
}

// newDescheduler returns a function that has the descheduler balance all nodes once, with the rights of its own manifests, and returns its log.
func newDescheduler(t *testing.T) func(*testing.T) string {
	t.Helper()
	binary := part(t, parts.Descheduler)
	manifests, err := parts.DeschedulerManifests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	applyFile(t, filepath.Join(manifests, "rbac.yaml"))
	const name = "system:serviceaccount:kube-system:descheduler-sa"
	kubeconfig, err := env.KubeconfigFor(name, "system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	policy := filepath.Join(dir, "policy.yaml")
	if err := os.WriteFile(policy, fmt.Appendf(nil, deschedulerPolicy, underutilized, overutilized), 0o600); err != nil {
		t.Fatal(err)
	}
	return func(t *testing.T) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), binary, "--kubeconfig="+kubeconfig, "--policy-config-file="+policy, "--secure-port=0", "--v=3")
		cmd.Dir = dir
		log, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("the descheduler: %v:\n%s", err, log)
		}
		return string(log)
	}
}

// makeBusy has the pods of the test run on the busy node, where no further pod is scheduled.
func makeBusy(t *testing.T) {
	t.Helper()
	const others = "kubernetes.io/hostname!=" + busyNode
	cordon := func(args ...string) {
		t.Helper()
		if _, err := env.Run(t.Context(), "", args...); err != nil {
			t.Fatal(err)
		}
	}
	atEnd(t, "", "uncordon", "-l", "kubernetes.io/os=linux")
	cordon("cordon", "-l", others)
	apply(t, fmt.Sprintf(busy, busyPods, busyCores))
	poll.Eventually(t, servedWithin, func(ctx context.Context) error { return busyPodsOn(ctx, busyPods) })
	cordon("uncordon", "-l", others)
	cordon("cordon", busyNode)
	poll.Eventually(t, servedWithin, taintRemoved)
	poll.Eventually(t, servedWithin, servedNodes)
}

// busyPodsOn wants so many pods of the test on the busy node, and the rest of them elsewhere.
func busyPodsOn(_ context.Context, want int) error {
	pods := expectedPods(inNamespace("balanced"))
	on := 0
	for _, p := range pods {
		if p.node == busyNode {
			on++
		}
	}
	if on != want || len(pods) != busyPods {
		return fmt.Errorf("%d of %d pods run on %s, want %d of %d", on, len(pods), busyNode, want, busyPods)
	}
	return nil
}

// taintRemoved wants no taint on the other nodes, which the control plane removes a while after a node may be used again.
func taintRemoved(ctx context.Context) error {
	nodes, err := env.Client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, n := range nodes.Items {
		if tainted := len(n.Spec.Taints) > 0; tainted != (n.Name == busyNode) {
			return fmt.Errorf("node %s has the taints %v", n.Name, n.Spec.Taints)
		}
	}
	return nil
}

// nodeLogged matches what the descheduler logs of a node's usage: the name, the CPU and the memory.
var nodeLogged = regexp.MustCompile(`"(?:Node has been classified|Node is appropriately utilized)".* node="([^"]+)" usage=\{"cpu":"([^"]+)","memory":"([^"]+)"`)

// nodesNow are the true usage of all nodes by name.
func nodesNow() map[string]expected {
	all := map[string]expected{}
	for _, name := range env.Fleet.Nodes() {
		all[name] = expectedNode(name)
	}
	return all
}

// checkDescheduled wants the log to have the true usage of each node.
func checkDescheduled(t *testing.T, log string, truth map[string]expected) {
	t.Helper()
	seen := 0
	for _, match := range nodeLogged.FindAllStringSubmatch(log, -1) {
		cpu, errCPU := resource.ParseQuantity(match[2])
		memory, errMemory := resource.ParseQuantity(match[3])
		if err := errors.Join(errCPU, errMemory); err != nil {
			t.Fatal(err)
		}
		seen++
		logged := metricsv1.NodeMetrics{Usage: corev1.ResourceList{corev1.ResourceCPU: cpu, corev1.ResourceMemory: memory}}
		logged.Name = match[1]
		if err := nearNode(logged, truth[logged.Name]); err != nil {
			t.Error(err)
		}
	}
	if seen != nodes {
		t.Errorf("the log has the usage of %d nodes, want %d:\n%s", seen, nodes, log)
	}
}
