package app

import (
	"k8s.io/component-base/metrics"

	"github.com/plimsoll/plimsoll/pkg/cluster"
)

var labelsDesc = metrics.NewDesc("plimsoll_pods_with_labels_left_out",
	"Pods with more than 16 KiB of labels. They are served without labels, and no label selector selects them.",
	[]string{"cluster"}, nil, metrics.ALPHA, "")

// labelsMetric counts the pods whose labels are left out whenever the metrics are read.
type labelsMetric struct {
	metrics.BaseStableCollector
	// pods are those of each cluster, by its name, which is empty for the home cluster.
	pods map[string]*cluster.Pods
}

// DescribeWithStability implements metrics.StableCollector.
func (c *labelsMetric) DescribeWithStability(ch chan<- *metrics.Desc) { ch <- labelsDesc }

// CollectWithStability implements metrics.StableCollector.
func (c *labelsMetric) CollectWithStability(ch chan<- metrics.Metric) {
	for name, pods := range c.pods {
		ch <- metrics.NewLazyConstMetric(labelsDesc, metrics.GaugeValue, float64(pods.LabelsLeftOut()), name)
	}
}
