package scenario

import (
	"fmt"
	"strconv"
	"strings"
)

// family is a metric of /metrics/resource: the level of its subjects, and the value and time that one of them has. The
// names are those of k8s.io/kubernetes/pkg/kubelet/metrics/collectors/resource_metrics.go.
type family struct {
	name  string
	level int
	value func(subject) (string, moment)
}

// The levels are how many names a subject has.
const (
	nodeLevel      = 0
	podLevel       = 2
	containerLevel = 3
)

// families are in the order of a kubelet's response.
var families = []family{
	{"container_cpu_usage_seconds_total", containerLevel, subject.cpuSeries},
	{"container_memory_working_set_bytes", containerLevel, subject.memorySeries},
	{"container_start_time_seconds", containerLevel, subject.startSeries},
	{"container_swap_usage_bytes", containerLevel, subject.swapSeries},
	{"node_cpu_usage_seconds_total", nodeLevel, subject.cpuSeries},
	{"node_memory_working_set_bytes", nodeLevel, subject.memorySeries},
	{"node_swap_usage_bytes", nodeLevel, subject.swapSeries},
	{"pod_cpu_usage_seconds_total", podLevel, subject.cpuSeries},
	{"pod_memory_working_set_bytes", podLevel, subject.memorySeries},
}

func (s subject) cpuSeries() (string, moment)    { return s.cpu, s.read }
func (s subject) memorySeries() (string, moment) { return s.memory, s.memoryRead }
func (s subject) swapSeries() (string, moment)   { return s.swap, s.read }

func (s subject) startSeries() (string, moment) {
	if !s.start.known {
		return "", moment{}
	}
	return strconv.FormatFloat(float64(s.start.ms)/1e3, 'g', -1, 64), moment{}
}

func (s subject) level() int {
	switch {
	case s.container != "":
		return containerLevel
	case s.pod != "":
		return podLevel
	default:
		return nodeLevel
	}
}

func (s subject) labels() string {
	switch s.level() {
	case containerLevel:
		return fmt.Sprintf(`{container=%q,namespace=%q,pod=%q}`, s.container, s.namespace, s.pod)
	case podLevel:
		return fmt.Sprintf(`{namespace=%q,pod=%q}`, s.namespace, s.pod)
	default:
		return ""
	}
}

// exposition renders a response of /metrics/resource.
func exposition(_ string, all []subject) (string, error) {
	var b strings.Builder
	for _, f := range families {
		for _, s := range all {
			value, at := f.value(s)
			if value == "" || s.level() != f.level {
				continue
			}
			fmt.Fprintf(&b, "%s%s %s", f.name, s.labels(), value)
			if at.known {
				fmt.Fprintf(&b, " %d", at.ms)
			}
			b.WriteString("\n")
		}
	}
	b.WriteString("resource_scrape_error 0\n")
	return b.String(), nil
}
