package otlp

import (
	"math"

	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// metric is what the semantic conventions say of one, and how its value is read from a record.
type metric struct {
	name, unit string
	kind       kind
	// integer is that the value is an int64, and not a double.
	integer bool
	read    func(r *export.Record) reading
}

// kind is the instrument of the conventions.
type kind uint8

const (
	gauge kind = iota
	// counter is a monotonic sum since the start.
	counter
	// upDownCounter is a sum that may fall.
	upDownCounter
)

// reading is a value, as the 64 bits of its type, and its time in Unix nanoseconds, which is 0 where the value is not known.
type reading struct {
	bits uint64
	time int64
}

// conventions returns the metrics of each level, from model/k8s and model/container of the semantic conventions. What the levels above the node have are sums,
// which the conventions do not name. Of a pod, the values are the sums over its containers, and the CPU time is not known.
func conventions() map[export.Level][]metric {
	return map[export.Level][]metric{
		export.Container: {
			{"container.cpu.time", "s", counter, false, cpuTime},
			{"container.cpu.usage", "{cpu}", gauge, false, cpuUsage},
			{"container.memory.working_set", "By", upDownCounter, true, workingSet},
			{"container.uptime", "s", gauge, false, uptime},
		},
		export.Pod: {
			{"k8s.pod.cpu.usage", "{cpu}", gauge, false, cpuUsage},
			{"k8s.pod.memory.working_set", "By", upDownCounter, true, workingSet},
			{"k8s.pod.uptime", "s", gauge, false, uptime},
		},
		export.Node: {
			{"k8s.node.cpu.time", "s", counter, false, cpuTime},
			{"k8s.node.cpu.usage", "{cpu}", gauge, false, cpuUsage},
			{"k8s.node.memory.working_set", "By", upDownCounter, true, workingSet},
			{"k8s.node.uptime", "s", gauge, false, uptime},
		},
	}
}

func cpuTime(r *export.Record) reading { return reading{billionths(r.CPU.Value), r.CPU.Time} }

func cpuUsage(r *export.Record) reading { return reading{billionths(r.Rate), r.Time} }

func workingSet(r *export.Record) reading { return reading{r.Memory.Value, r.Memory.Time} }

// uptime is known where the usage and the start are.
func uptime(r *export.Record) reading {
	if r.Start == 0 || r.Time < r.Start {
		return reading{}
	}
	return reading{billionths(uint64(r.Time - r.Start)), r.Time}
}

// billionths are seconds for nanoseconds, and cores for nanocores.
func billionths(value uint64) uint64 { return math.Float64bits(float64(value) / 1e9) }

// message returns the metric with a point, as OpenTelemetry has it.
func (m *metric) message(point *metricspb.NumberDataPoint) *metricspb.Metric {
	points := []*metricspb.NumberDataPoint{point}
	if m.kind == gauge {
		return &metricspb.Metric{Name: m.name, Unit: m.unit, Data: &metricspb.Metric_Gauge{Gauge: &metricspb.Gauge{DataPoints: points}}}
	}
	return &metricspb.Metric{Name: m.name, Unit: m.unit, Data: &metricspb.Metric_Sum{Sum: &metricspb.Sum{
		DataPoints: points, IsMonotonic: m.kind == counter,
		AggregationTemporality: metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE,
	}}}
}
