package app

import (
	"k8s.io/component-base/metrics"

	"github.com/plimsoll/plimsoll/pkg/cluster"
)

var leftOutDesc = metrics.NewDesc("plimsoll_pods_with_labels_left_out",
	"Pods with more than 16 KiB of labels. They are served without labels, and no label selector selects them.",
	[]string{"cluster"}, nil, metrics.ALPHA, "")

// labelsCollector counts the pods whose labels are left out whenever it is asked.
type labelsCollector struct {
	metrics.BaseStableCollector
	// pods are those of each cluster, by its name, which is empty for the home cluster.
	pods map[string]*cluster.Pods
}

// DescribeWithStability implements metrics.StableCollector.
func (c *labelsCollector) DescribeWithStability(ch chan<- *metrics.Desc) { ch <- leftOutDesc }

// CollectWithStability implements metrics.StableCollector.
func (c *labelsCollector) CollectWithStability(ch chan<- metrics.Metric) {
	for name, pods := range c.pods {
		ch <- metrics.NewLazyConstMetric(leftOutDesc, metrics.GaugeValue, float64(pods.LabelsLeftOut()), name)
	}
}
