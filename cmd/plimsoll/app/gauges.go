package app

import (
	"fmt"

	"k8s.io/component-base/metrics"
)

// gauge is a metric that is counted whenever the metrics are read, so that a node or a pod that is removed leaves no series behind.
type gauge struct {
	metrics.BaseStableCollector
	name  string
	desc  *metrics.Desc
	count func(setGauge)
}

// setGauge sets one series of a gauge, by the values of its labels.
type setGauge func(n int, labels ...string)

func newGauge(name, help string, labels []string, count func(setGauge)) *gauge {
	return &gauge{name: name, desc: metrics.NewDesc(name, help, labels, nil, metrics.ALPHA, ""), count: count}
}

func registerGauges(reg metricsRegistry, gauges ...*gauge) error {
	for _, g := range gauges {
		if err := reg.CustomRegister(g); err != nil {
			return fmt.Errorf("register the metric %s: %w", g.name, err)
		}
	}
	return nil
}

// DescribeWithStability implements metrics.StableCollector.
func (g *gauge) DescribeWithStability(ch chan<- *metrics.Desc) { ch <- g.desc }

// CollectWithStability implements metrics.StableCollector.
func (g *gauge) CollectWithStability(ch chan<- metrics.Metric) {
	g.count(func(n int, labels ...string) {
		ch <- metrics.NewLazyConstMetric(g.desc, metrics.GaugeValue, float64(n), labels...)
	})
}

// clusterGauges count the nodes and pods of each cluster, whose name is the label cluster; it is empty for the home cluster.
func clusterGauges(stacks []*ClusterStack) []*gauge {
	return []*gauge{
		newGauge("plimsoll_nodes", "Nodes by state: ok, pending, or the reason of the failure.", []string{"cluster", "state"}, func(set setGauge) {
			for _, s := range stacks {
				p := s.collector.Progress()
				for code, n := range p.Failing {
					set(n, s.name, code)
				}
				set(p.Settled-p.AllFailing(), s.name, "ok")
				set(p.Nodes-p.Settled, s.name, "pending")
			}
		}),
		newGauge("plimsoll_pods_with_labels_left_out",
			"Pods with more than 16 KiB of labels. They are served without labels, and no label selector selects them.", []string{"cluster"}, func(set setGauge) {
				for _, s := range stacks {
					set(s.cluster.Pods().LabelsLeftOut(), s.name)
				}
			}),
	}
}
