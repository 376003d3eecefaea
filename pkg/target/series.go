package target

import (
	"net/url"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// withSeries adds the names of the needed series to /metrics/resource. A kubelet with client_golang 1.24 or newer sends only these, about half of the
// bytes; an older one ignores the names.
func (c Config) withSeries(path string) string {
	if path != ResourcePath {
		return path
	}
	return path + "?" + url.Values{"name[]": c.series()}.Encode()
}

// series are the names of the series that are decoded. The last two report that the kubelet could not collect: the second is the name before
// Kubernetes 1.29.
func (c Config) series() []string {
	names := []string{
		"container_cpu_usage_seconds_total", "container_memory_working_set_bytes", "container_start_time_seconds",
		"node_cpu_usage_seconds_total", "node_memory_working_set_bytes",
		"resource_scrape_error", "scrape_error",
	}
	for r := range c.Extra.From(sample.MetricsResource).All() {
		names = append(names, r.Info().ContainerSeries, r.Info().NodeSeries)
	}
	return names
}
