package clients

import (
	"context"
	"fmt"
	"math"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"
)

// servedNodes wants Plimsoll to serve the true usage of each node.
func servedNodes(ctx context.Context) error {
	list, err := env.Metrics.MetricsV1().NodeMetricses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, n := range list.Items {
		if err := nearNode(n); err != nil {
			return err
		}
	}
	return nil
}

func nearNode(n metricsv1.NodeMetrics) error {
	cores, bytes, known := env.Fleet.NodeTruth(n.Name)
	if got := n.Usage.Cpu().AsApproximateFloat64(); !known || math.Abs(got-cores) > tolerance*cores || n.Usage.Memory().Value() != int64(bytes) {
		return fmt.Errorf("node %s uses %s of CPU and %s of memory by Plimsoll, in truth %.3f cores and %d bytes", n.Name, n.Usage.Cpu(), n.Usage.Memory(), cores, bytes)
	}
	return nil
}
