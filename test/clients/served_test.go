package clients

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// settle waits until the true usage of all nodes and pods is served, which the test before may have changed.
func settle(t *testing.T) {
	t.Helper()
	poll.Eventually(t, servedWithin, func(ctx context.Context) error { return errors.Join(servedNodes(ctx), servedPods(ctx)) })
}

// servedPods wants Plimsoll to serve the true usage of each container.
func servedPods(ctx context.Context) error {
	list, err := env.Metrics.MetricsV1().PodMetricses("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	return comparePods(list.Items)
}

// comparePods compares each container of all pods with the truth.
func comparePods(pods []metricsv1.PodMetrics) error {
	var rows []map[string]string
	for _, p := range pods {
		for _, c := range p.Containers {
			rows = append(rows, map[string]string{
				"NAMESPACE": p.Namespace, "POD": p.Name, "NAME": c.Name,
				"CPU": fmt.Sprint(c.Usage.Cpu().MilliValue(), "m"), "MEMORY": fmt.Sprint(c.Usage.Memory().Value()>>20, "Mi"),
			})
		}
	}
	return compareRows(rows, expectedContainers(everyPod), inRow(""), "CPU", "MEMORY")
}

// servedNodes wants Plimsoll to serve the true usage of each node.
func servedNodes(ctx context.Context) error {
	list, err := env.Metrics.MetricsV1().NodeMetricses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, n := range list.Items {
		if err := nearNode(n, expectedNode(n.Name)); err != nil {
			return err
		}
	}
	return nil
}

// nearNode compares usage of a node with the truth.
func nearNode(n metricsv1.NodeMetrics, truth expected) error {
	if got := n.Usage.Cpu().AsApproximateFloat64(); math.Abs(got-truth.cores) > tolerance*truth.cores || n.Usage.Memory().Value() != int64(truth.memory) {
		return fmt.Errorf("node %s uses %s of CPU and %s of memory by Plimsoll, in truth %.3f cores and %d bytes",
			n.Name, n.Usage.Cpu(), n.Usage.Memory(), truth.cores, truth.memory)
	}
	return nil
}
