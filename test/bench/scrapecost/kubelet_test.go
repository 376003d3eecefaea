package scrapecost

import (
	"fmt"
	"net/http"
	"time"

	"k8s.io/component-base/metrics"
)

// resources is what a kubelet's own collector reports at /metrics/resource: 30 pods of two containers, as descriptions of the kubelet's
// metrics have them. It is registered where a kubelet registers its own, and so encoded and filtered by the same library.
type resources struct {
	metrics.BaseStableCollector
	containerCPU, containerMemory, containerSwap, containerSwapLimit, containerStart *metrics.Desc
	podCPU, podMemory, podSwap                                                       *metrics.Desc
	nodeCPU, nodeMemory, nodeSwap, failed                                            *metrics.Desc
	at                                                                               time.Time
}

func newResources() *resources {
	desc := func(name string, labels ...string) *metrics.Desc {
		return metrics.NewDesc(name, "What "+name+" says of a container, a pod or the node, as long as a kubelet's help.", labels, nil,
			metrics.STABLE, "")
	}
	of := []string{"container", "namespace", "pod"}
	return &resources{
		containerCPU:       desc("container_cpu_usage_seconds_total", of...),
		containerMemory:    desc("container_memory_working_set_bytes", of...),
		containerSwap:      desc("container_swap_usage_bytes", of...),
		containerSwapLimit: desc("container_swap_limit_bytes", of...),
		containerStart:     desc("container_start_time_seconds", of...),
		podCPU:             desc("pod_cpu_usage_seconds_total", of[1:]...),
		podMemory:          desc("pod_memory_working_set_bytes", of[1:]...),
		podSwap:            desc("pod_swap_usage_bytes", of[1:]...),
		nodeCPU:            desc("node_cpu_usage_seconds_total"),
		nodeMemory:         desc("node_memory_working_set_bytes"),
		nodeSwap:           desc("node_swap_usage_bytes"),
		failed:             desc("resource_scrape_error"),
		at:                 time.Unix(1_790_000_000, 0),
	}
}

// DescribeWithStability implements metrics.StableCollector.
func (r *resources) DescribeWithStability(ch chan<- *metrics.Desc) {
	for _, d := range []*metrics.Desc{
		r.containerCPU, r.containerMemory, r.containerSwap, r.containerSwapLimit, r.containerStart, r.podCPU, r.podMemory, r.podSwap,
		r.nodeCPU, r.nodeMemory, r.nodeSwap, r.failed,
	} {
		ch <- d
	}
}

// CollectWithStability implements metrics.StableCollector. Each collection is 15 seconds later than the one before.
func (r *resources) CollectWithStability(ch chan<- metrics.Metric) {
	r.at = r.at.Add(15 * time.Second)
	since := float64(r.at.Unix() % 1_000_000)
	say := func(d *metrics.Desc, value float64, labels ...string) {
		ch <- metrics.NewLazyMetricWithTimestamp(r.at, metrics.NewLazyConstMetric(d, metrics.GaugeValue, value, labels...))
	}
	for i := range pods {
		namespace, name := fmt.Sprintf("team-%d", i%8), fmt.Sprintf("workload-%d-6d5f7c9b84-x%03d", i, i)
		for j, container := range []string{"app", "mesh-proxy"} {
			of, share := []string{container, namespace, name}, float64(i+j+1)
			say(r.containerCPU, since*share/31.7, of...)
			say(r.containerMemory, 4096*(23_456+share), of...)
			say(r.containerSwap, 0, of...)
			say(r.containerStart, 1_789_000_000.25+share, of...)
		}
		say(r.podCPU, since*float64(i+1)/15.7, namespace, name)
		say(r.podMemory, 4096*(53_456+float64(i)), namespace, name)
		say(r.podSwap, 0, namespace, name)
	}
	say(r.nodeCPU, since*2.5)
	say(r.nodeMemory, 8e9)
	say(r.nodeSwap, 0)
	ch <- metrics.NewLazyConstMetric(r.failed, metrics.GaugeValue, 0)
}

// newKubelet serves as a kubelet does.
func newKubelet() http.Handler {
	registry := metrics.NewKubeRegistry()
	registry.CustomMustRegister(newResources())
	return metrics.HandlerFor(registry, metrics.HandlerOpts{ErrorHandling: metrics.ContinueOnError})
}
