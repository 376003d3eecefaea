package app

import (
	"fmt"
	"time"

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
type setGauge func(value float64, labels ...string)

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
	g.count(func(value float64, labels ...string) {
		ch <- metrics.NewLazyConstMetric(g.desc, metrics.GaugeValue, value, labels...)
	})
}

// oldest observes the age of usage, and keeps the greatest.
type oldest struct {
	now time.Time
	age time.Duration
	any bool
}

func (o *oldest) observe(timestamp time.Time) { o.age, o.any = max(o.age, o.now.Sub(timestamp)), true }

// setOldest sets the age of the oldest usage that is served of a resource; it sets nothing where none is.
func (s *ClusterStack) setOldest(set setGauge) {
	nodes, pods, reader := oldest{now: time.Now()}, oldest{now: time.Now()}, s.store.Reader()
	for n := range s.cluster.Nodes().All() {
		if u, ok := reader.Node(n.Usage); ok {
			nodes.observe(u.Time)
		}
	}
	for p := range s.cluster.Pods().All() {
		if u, ok := reader.Pod(p.Usage, p.Node); ok {
			pods.observe(u.Time)
		}
	}
	for resource, o := range map[string]oldest{"nodes": nodes, "pods": pods} {
		if o.any {
			set(o.age.Seconds(), s.name, resource)
		}
	}
}

// clusterGauges count the nodes and pods of each cluster, whose name is the label cluster; it is empty for the home cluster.
func clusterGauges(stacks []*ClusterStack) []*gauge {
	return []*gauge{
		newGauge("plimsoll_nodes", "Nodes by state: ok, pending, or the reason of the failure.", []string{"cluster", "state"}, func(set setGauge) {
			for _, s := range stacks {
				p := s.collector.Progress()
				for label, n := range p.ByLabel() {
					set(float64(n), s.name, label)
				}
				set(float64(p.Settled-p.AllFailing()), s.name, "ok")
				set(float64(p.Nodes-p.Settled), s.name, "pending")
			}
		}),
		newGauge("plimsoll_pods_with_labels_left_out",
			"Pods with more than 16 KiB of labels. They are served without labels, and no label selector selects them.", []string{"cluster"}, func(set setGauge) {
				for _, s := range stacks {
					set(float64(s.cluster.Pods().LabelsLeftOut()), s.name)
				}
			}),
		newGauge("plimsoll_oldest_sample_age_seconds", "Age of the oldest usage that is served of the resource, nodes or pods.", []string{"cluster", "resource"}, func(set setGauge) {
			for _, s := range stacks {
				s.setOldest(set)
			}
		}),
	}
}
