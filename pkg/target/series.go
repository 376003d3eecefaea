package target

import (
	"net/url"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// asking is a path with what is asked for there. Of /metrics/resource a kubelet whose client_golang is 1.24 or newer sends the named
// series alone, about half; an older one takes no notice and sends all.
func (c Config) asking(path string) string {
	if path != ResourcePath {
		return path
	}
	return path + "?" + url.Values{"name[]": c.series()}.Encode()
}

// series are the names of what is read. The last two say that the kubelet could not collect: under one name today, the other before
// Kubernetes 1.29.
func (c Config) series() []string {
	names := []string{
		"container_cpu_usage_seconds_total", "container_memory_working_set_bytes", "container_start_time_seconds",
		"node_cpu_usage_seconds_total", "node_memory_working_set_bytes",
		"resource_scrape_error", "scrape_error",
	}
	for r := range c.Extra.From(sample.MetricsResource).All() {
		names = append(names, r.Row().ContainerSeries, r.Row().NodeSeries)
	}
	return names
}
