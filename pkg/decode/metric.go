package decode

import "github.com/plimsoll/plimsoll/pkg/sample"

// kind is which of the numbers of a container or node a series holds.
type kind uint8

const (
	cpu kind = iota
	memory
	start
	// firstExtra is the first of the extra resources, which follow in the order of sample's table.
	firstExtra

	kinds = firstExtra + kind(sample.ResourceCount)
)

// scope is what a series is about.
type scope uint8

const (
	nothing scope = iota
	nodeScope
	containerScope
	// healthScope is the gauge by which a kubelet reports that its collection failed.
	healthScope
	// oldHealthScope is the name of that gauge before Kubernetes 1.29, and in simulators.
	oldHealthScope
)

// metric is the meaning of a metric of the kubelet's resource endpoint: whose reading it is, and of what.
type metric struct {
	scope scope
	kind  kind
}

// metricNamed looks up a metric by its name; of extra resources only those that are wanted are found. The names are those of
// k8s.io/kubernetes/pkg/kubelet/metrics/collectors/resource_metrics.go.
func metricNamed(name []byte, wanted sample.ResourceSet) metric {
	switch string(name) {
	case "container_cpu_usage_seconds_total":
		return metric{containerScope, cpu}
	case "container_memory_working_set_bytes":
		return metric{containerScope, memory}
	case "container_start_time_seconds":
		return metric{containerScope, start}
	case "node_cpu_usage_seconds_total":
		return metric{nodeScope, cpu}
	case "node_memory_working_set_bytes":
		return metric{nodeScope, memory}
	case "resource_scrape_error":
		return metric{scope: healthScope}
	case "scrape_error":
		return metric{scope: oldHealthScope}
	}
	return extraMetricNamed(name, wanted)
}

// extraMetricNamed finds the metric of an extra resource. A row without a series has no name, and a line may have none either.
func extraMetricNamed(name []byte, wanted sample.ResourceSet) metric {
	if len(name) == 0 {
		return metric{}
	}
	for r := range wanted.All() {
		switch row := r.Info(); true {
		case string(name) == row.ContainerSeries:
			return metric{containerScope, firstExtra + kind(r)}
		case string(name) == row.NodeSeries:
			return metric{nodeScope, firstExtra + kind(r)}
		}
	}
	return metric{}
}
