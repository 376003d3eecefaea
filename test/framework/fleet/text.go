package fleet

import (
	"slices"
	"strconv"
	"strings"
)

// contentTypeText is the content type of a kubelet's series, whatever the request accepts.
const contentTypeText = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"

// family is one metric family of /metrics/resource, in the text exposition format 0.0.4.
type family struct {
	name, header string
	swap         bool
	rows         func(f *family, p *page, n *node)
}

// families are those of a Linux kubelet, in the order of its response: by name.
var families = [...]family{
	containerFamily("container_cpu_usage_seconds_total", "counter", "[STABLE] CPU time that the container used, in core-seconds", cpuSeconds, false),
	containerFamily("container_memory_working_set_bytes", "gauge", "[STABLE] Working set of the container, in bytes", memoryBytes, false),
	{
		name:   "container_start_time_seconds",
		header: header("container_start_time_seconds", "gauge", "[STABLE] When the container was created, in seconds since the Unix epoch"),
		rows:   startRows,
	},
	containerFamily("container_swap_limit_bytes", "gauge", "[ALPHA] Swap space that the container may use, in bytes", swapLimit, true),
	containerFamily("container_swap_usage_bytes", "gauge", "[ALPHA] Swap space that the container uses, in bytes", swapBytes, true),
	nodeFamily("node_cpu_usage_seconds_total", "counter", "[STABLE] CPU time that the node used, in core-seconds", cpuSeconds, false),
	nodeFamily("node_memory_working_set_bytes", "gauge", "[STABLE] Working set of the node, in bytes", memoryBytes, false),
	nodeFamily("node_swap_usage_bytes", "gauge", "[ALPHA] Swap space that the node uses, in bytes", swapBytes, true),
	podFamily("pod_cpu_usage_seconds_total", "counter", "[STABLE] CPU time that the pod used, in core-seconds", cpuSeconds, false),
	podFamily("pod_memory_working_set_bytes", "gauge", "[STABLE] Working set of the pod, in bytes", memoryBytes, false),
	podFamily("pod_swap_usage_bytes", "gauge", "[ALPHA] Swap space that the pod uses, in bytes", swapBytes, true),
	{
		name:   "resource_scrape_error",
		header: header("resource_scrape_error", "gauge", "[STABLE] 1 if the kubelet failed to read its containers, 0 otherwise"),
		rows:   func(_ *family, p *page, _ *node) { p.body = append(p.body, "resource_scrape_error 0\n"...) },
	},
}

// scrapeError is the complete response of a kubelet that failed to read its containers; the status is 200 nevertheless.
var scrapeError = families[len(families)-1].header + "resource_scrape_error 1\n"

// selection is which families a response has.
type selection struct {
	swap, noContainers bool
	// wanted are the names of those that were requested; all of them for an empty list.
	wanted []string
}

func (s selection) has(f *family) bool {
	if f.swap && !s.swap || s.noContainers && strings.HasPrefix(f.name, "container_") {
		return false
	}
	return len(s.wanted) == 0 || slices.Contains(s.wanted, f.name)
}

// text writes the response to /metrics/resource.
func (p *page) text(n *node, now int64, s selection) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	p.read(n, now, false)
	for i := range families {
		f := &families[i]
		if !s.has(f) {
			continue
		}
		before := len(p.body)
		p.body = append(p.body, f.header...)
		header := len(p.body)
		if f.rows(f, p, n); len(p.body) == header {
			p.body = p.body[:before] // A family without series is not written at all.
		}
	}
}

func header(name, kind, help string) string {
	return "# HELP " + name + " " + help + "\n# TYPE " + name + " " + kind + "\n"
}

func containerFamily(name, kind, help string, value func(*cgroupReading) float64, swap bool) family {
	return family{name, header(name, kind, help), swap, func(f *family, p *page, n *node) {
		for i, c := range n.containers {
			p.row(f.name, c.labels, value(&p.containers[i]), p.containers[i].time)
		}
	}}
}

func podFamily(name, kind, help string, value func(*cgroupReading) float64, swap bool) family {
	return family{name, header(name, kind, help), swap, func(f *family, p *page, n *node) {
		for i, pod := range n.pods {
			p.row(f.name, pod.labels, value(&p.pods[i]), p.pods[i].time)
		}
	}}
}

func nodeFamily(name, kind, help string, value func(*cgroupReading) float64, swap bool) family {
	return family{name, header(name, kind, help), swap, func(f *family, p *page, _ *node) {
		p.row(f.name, " ", value(&p.node), p.node.time)
	}}
}

// startRows writes the start times, which alone have no timestamp.
func startRows(f *family, p *page, n *node) {
	for _, c := range n.containers {
		p.body = append(p.body, f.name...)
		p.body = append(p.body, c.labels...)
		p.body = append(p.body, c.started...)
		p.body = append(p.body, '\n')
	}
}

// row writes one series. Its time is in Unix nanoseconds here and in milliseconds there.
func (p *page) row(name, labels string, value float64, at int64) {
	p.body = append(p.body, name...)
	p.body = append(p.body, labels...)
	p.body = strconv.AppendFloat(p.body, value, 'g', -1, 64)
	p.body = append(p.body, ' ')
	p.body = strconv.AppendInt(p.body, at/1e6, 10)
	p.body = append(p.body, '\n')
}

func cpuSeconds(l *cgroupReading) float64  { return float64(l.cpu) / nano }
func memoryBytes(l *cgroupReading) float64 { return float64(l.memory) }
func swapBytes(l *cgroupReading) float64   { return float64(l.swap) }

// swapLimit is 0 where no swap is used and twice the use elsewhere.
func swapLimit(l *cgroupReading) float64 { return 2 * float64(l.swap) }

var labelEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func escapeLabel(value string) string { return labelEscapes.Replace(value) }
