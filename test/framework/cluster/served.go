package cluster

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
)

// WaitServed waits until every node and at least so many pods have usage, through the API server.
func (c *Cluster) WaitServed(ctx context.Context, pods int) error {
	var servedNodes, servedPods int
	err := wait.PollUntilContextTimeout(ctx, 500*time.Millisecond, 2*time.Minute, true, func(ctx context.Context) (bool, error) {
		n, err := c.Metrics.MetricsV1().NodeMetricses().List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, nil //nolint:nilerr // The poll repeats it, and the error of its timeout has the last count.
		}
		p, err := c.Metrics.MetricsV1().PodMetricses("").List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, nil //nolint:nilerr // As above.
		}
		servedNodes, servedPods = len(n.Items), len(p.Items)
		return servedNodes == c.options.Nodes && servedPods >= pods, nil
	})
	if err != nil {
		return fmt.Errorf("wait for usage: %w: %d of %d nodes and %d of %d pods have some",
			err, servedNodes, c.options.Nodes, servedPods, pods)
	}
	return nil
}
