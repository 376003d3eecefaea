package decode

// kind is which of the numbers of a container or node a series holds.
type kind uint8

const (
	cpu kind = iota
	memory
	swap
	start

	kinds
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

// metricNamed looks up a metric by its name. The names are those of
// k8s.io/kubernetes/pkg/kubelet/metrics/collectors/resource_metrics.go.
func metricNamed(name []byte) metric {
	switch string(name) {
	case "container_cpu_usage_seconds_total":
		return metric{ofContainer, cpu}
	case "container_memory_working_set_bytes":
		return metric{ofContainer, memory}
	case "container_swap_usage_bytes":
		return metric{ofContainer, swap}
	case "container_start_time_seconds":
		return metric{ofContainer, start}
	case "node_cpu_usage_seconds_total":
		return metric{ofNode, cpu}
	case "node_memory_working_set_bytes":
		return metric{ofNode, memory}
	case "node_swap_usage_bytes":
		return metric{ofNode, swap}
	case "resource_scrape_error":
		return metric{scope: ofHealth}
	case "scrape_error":
		return metric{scope: ofOldHealth}
	}
	return metric{}
}
