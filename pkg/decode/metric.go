package decode

import "github.com/plimsoll/plimsoll/pkg/sample"

// kind is which of the numbers of a container or node a series holds.
type kind uint8

const (
	cpu kind = iota
	memory
	start
	// extra is the first of the extra resources, which follow in the order of sample's table.
	extra

	kinds = extra + kind(sample.ResourceCount)
)

// scope is what a series speaks of.
type scope uint8

const (
	nothing scope = iota
	ofNode
	ofContainer
	// ofHealth is the gauge by which a kubelet says that its collection failed.
	ofHealth
	// ofOldHealth is the name of that gauge before Kubernetes 1.29, and in simulators.
	ofOldHealth
)

// metric says what a metric of the kubelet's resource endpoint means here.
type metric struct {
	scope scope
	kind  kind
}

// metricNamed looks up a metric by its name; of extra resources only those that are wanted are found. The names are those of
// k8s.io/kubernetes/pkg/kubelet/metrics/collectors/resource_metrics.go.
func metricNamed(name []byte, wanted sample.ResourceSet) metric {
	switch string(name) {
	case "container_cpu_usage_seconds_total":
		return metric{ofContainer, cpu}
	case "container_memory_working_set_bytes":
		return metric{ofContainer, memory}
	case "container_start_time_seconds":
		return metric{ofContainer, start}
	case "node_cpu_usage_seconds_total":
		return metric{ofNode, cpu}
	case "node_memory_working_set_bytes":
		return metric{ofNode, memory}
	case "resource_scrape_error":
		return metric{scope: ofHealth}
	case "scrape_error":
		return metric{scope: ofOldHealth}
	}
	return extraMetricNamed(name, wanted)
}

// extraMetricNamed finds the metric of an extra resource. A row without a series has no name, and a line may have none either.
func extraMetricNamed(name []byte, wanted sample.ResourceSet) metric {
	if len(name) == 0 {
		return metric{}
	}
	for r := range wanted.All() {
		switch row := r.Row(); true {
		case string(name) == row.ContainerSeries:
			return metric{ofContainer, extra + kind(r)}
		case string(name) == row.NodeSeries:
			return metric{ofNode, extra + kind(r)}
		}
	}
	return metric{}
}
