package integration

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// tolerance is how far a CPU rate may be off: 2 percent.
const tolerance = 0.02

// TestEveryContainerIsRight compares every value with the truth of the fleet.
func TestEveryContainerIsRight(t *testing.T) {
	// Readings that move every 20 seconds need two such steps for a rate.
	check := func(ctx context.Context) error { return checkNumbers(ctx, env.Metrics) }
	poll.Eventually(t, 90*time.Second, check)
	poll.Throughout(t, 4*resolution, check)
}

// TestSummarySource does the same with a Plimsoll that reads the other endpoint.
func TestSummarySource(t *testing.T) {
	env.Fleet.ResetTraffic()
	client := another(t, "--source=kubernetes.summary_api:''")
	poll.Eventually(t, 90*time.Second, func(ctx context.Context) error { return checkNumbers(ctx, client) })
	for _, node := range env.Fleet.Nodes() {
		if env.Fleet.Traffic(node).Requests[fleet.PathSummary] == 0 {
			t.Errorf("the summary of %s was never requested", node)
		}
	}
}

// TestEphemeralStorage requests local disk space too, which comes from a third response of the kubelets.
func TestEphemeralStorage(t *testing.T) {
	client := another(t, "--extra-resources=ephemeral-storage")
	poll.Eventually(t, 90*time.Second, func(ctx context.Context) error { return checkDisks(ctx, client) })
}

func checkDisks(ctx context.Context, client metricsclient.Interface) error {
	list, err := client.MetricsV1().PodMetricses("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("list the pods: %w", err)
	}
	if len(list.Items) < pods {
		return fmt.Errorf("%d pods are served, want %d", len(list.Items), pods)
	}
	for _, p := range list.Items {
		for _, c := range p.Containers {
			if got := c.Usage.StorageEphemeral().Value(); got != fleet.ContainerDisk {
				return fmt.Errorf("container %s of %s/%s uses %d bytes of disk, want %d", c.Name, p.Namespace, p.Name, got, fleet.ContainerDisk)
			}
		}
	}
	return nil
}

// TestColdStart has a new server serve everything within seconds, also what kubelets read only every 10 to 20 seconds.
func TestColdStart(t *testing.T) {
	client := another(t)
	poll.Eventually(t, 3*time.Second, func(ctx context.Context) error { return served(ctx, client, nodes, pods) })
}

// TestColdStartWithoutStats has no right to request the kubelets' own rates: usage that is read on demand is served
// within seconds, the rest with its second reading.
func TestColdStartWithoutStats(t *testing.T) {
	for _, node := range env.Fleet.Nodes() {
		if err := env.Fleet.SetFault(node, fleet.Status(http.StatusForbidden).On(fleet.PathSummary)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = env.Fleet.ClearFault(node) })
	}
	client := another(t)
	poll.Eventually(t, 3*time.Second, func(ctx context.Context) error { return served(ctx, client, nodes/2, pods/2) })
	poll.Eventually(t, 45*time.Second, func(ctx context.Context) error { return served(ctx, client, nodes, pods) })
}

// another starts one more server and returns a client of it, without the aggregator.
func another(t *testing.T, args ...string) metricsclient.Interface {
	t.Helper()
	server, err := env.StartServer(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	config, err := server.ConfigFor("admin", "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	client, err := metricsclient.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// served wants usage for so many nodes and pods at least.
func served(ctx context.Context, client metricsclient.Interface, wantNodes, wantPods int) error {
	n, err := client.MetricsV1().NodeMetricses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("list the nodes: %w", err)
	}
	p, err := client.MetricsV1().PodMetricses("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("list the pods: %w", err)
	}
	if len(n.Items) < wantNodes || len(p.Items) < wantPods {
		return fmt.Errorf("%d nodes and %d pods are served, want %d and %d", len(n.Items), len(p.Items), wantNodes, wantPods)
	}
	return nil
}

func checkNumbers(ctx context.Context, client metricsclient.Interface) error {
	list, err := client.MetricsV1().PodMetricses("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("list the pods: %w", err)
	}
	served := map[string]*metricsv1.PodMetrics{}
	for i := range list.Items {
		served[list.Items[i].Namespace+"/"+list.Items[i].Name] = &list.Items[i]
	}
	truth := env.Fleet.Pods()
	if len(truth) < pods || len(served) != len(truth) {
		return fmt.Errorf("%d pods are served, %d run, at least %d should", len(served), len(truth), pods)
	}
	for _, p := range truth {
		if err := checkPod(served[p.Namespace+"/"+p.Name], len(p.Containers)); err != nil {
			return fmt.Errorf("pod %s/%s on %s: %w", p.Namespace, p.Name, p.Node, err)
		}
	}
	return checkNodes(ctx, client)
}

func checkPod(p *metricsv1.PodMetrics, containers int) error {
	if p == nil {
		return fmt.Errorf("it is not served")
	}
	if len(p.Containers) != containers || p.Window.Duration <= 0 || time.Since(p.Timestamp.Time) > time.Minute {
		return fmt.Errorf("it is served with %d of %d containers, a window of %s and an age of %s",
			len(p.Containers), containers, p.Window.Duration, time.Since(p.Timestamp.Time))
	}
	for _, c := range p.Containers {
		cores, bytes, ok := env.Fleet.Truth(p.Namespace, p.Name, c.Name)
		if !ok {
			return fmt.Errorf("container %s does not exist", c.Name)
		}
		if err := near(c.Usage.Cpu(), c.Usage.Memory(), cores, bytes); err != nil {
			return fmt.Errorf("container %s: %w", c.Name, err)
		}
	}
	return nil
}

func near(cpu, memory *resource.Quantity, cores float64, bytes uint64) error {
	if got := cpu.AsApproximateFloat64(); math.Abs(got-cores) > tolerance*cores {
		return fmt.Errorf("it uses %s of CPU by Plimsoll, %.4f cores in truth", cpu, cores)
	}
	if got := memory.Value(); got != int64(bytes) {
		return fmt.Errorf("it uses %d bytes by Plimsoll, %d in truth", got, bytes)
	}
	return nil
}

func checkNodes(ctx context.Context, client metricsclient.Interface) error {
	list, err := client.MetricsV1().NodeMetricses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("list the nodes: %w", err)
	}
	if len(list.Items) != nodes {
		return fmt.Errorf("%d nodes are served, %d exist", len(list.Items), nodes)
	}
	for _, n := range list.Items {
		cores, bytes, _ := env.Fleet.NodeTruth(n.Name)
		if err := near(n.Usage.Cpu(), n.Usage.Memory(), cores, bytes); err != nil {
			return fmt.Errorf("node %s: %w", n.Name, err)
		}
	}
	return nil
}
