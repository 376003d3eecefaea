package remotewrite

import (
	"math"

	"github.com/prometheus/prometheus/model/value"

	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/sample"
)

// metric is what the series of one name have in common.
type metric struct {
	name, help string
	counter    bool
}

var (
	containerCPU    = metric{"container_cpu_usage_seconds_total", "Cumulative cpu time consumed by the container in core-seconds", true}
	containerMemory = metric{"container_memory_working_set_bytes", "Current working set of the container in bytes", false}
	containerStart  = metric{"container_start_time_seconds", "Start time of the container since unix epoch in seconds", false}
	containerSwap   = metric{"container_swap_usage_bytes", "Current amount of the container swap usage in bytes", false}
	nodeCPU         = metric{"node_cpu_usage_seconds_total", "Cumulative cpu time consumed by the node in core-seconds", true}
	nodeMemory      = metric{"node_memory_working_set_bytes", "Current working set of the node in bytes", false}
	nodeSwap        = metric{"node_swap_usage_bytes", "Current swap usage of the node in bytes", false}
)

// point is one sample. Its times are in Unix milliseconds; start is 0 where it is not known, and of gauges.
type point struct {
	value       float64
	time, start int64
}

// add writes the samples of a record into the batch. Records of a pod, or of sums, have none.
func (s *Sink) add(r *export.Record) {
	if r.Level != export.Container && r.Level != export.Node {
		return
	}
	s.before = appendValues(s.before[:0], s.labels.before, r)
	s.after = appendValues(s.after[:0], s.labels.after, r)
	s.batch.object(s.before, s.after)
	switch r.Level {
	case export.Container:
		s.addUsage(r, &containerCPU, &containerMemory, &containerSwap)
		if r.Start != 0 && r.CPU.Time != 0 {
			s.put(r, &containerStart, point{value: seconds(uint64(r.Start)), time: milliseconds(r.CPU.Time)})
		}
	case export.Node:
		s.addUsage(r, &nodeCPU, &nodeMemory, &nodeSwap)
	}
}

func (s *Sink) addUsage(r *export.Record, cpu, memory, swap *metric) {
	if r.CPU.Time != 0 {
		s.put(r, cpu, point{seconds(r.CPU.Value), milliseconds(r.CPU.Time), milliseconds(r.Start)})
	}
	if r.Memory.Time == 0 {
		return
	}
	at := milliseconds(r.Memory.Time)
	s.put(r, memory, point{value: float64(r.Memory.Value), time: at})
	for _, extra := range r.Extra {
		if extra.Resource == sample.Swap {
			// What is served of swap has no time of its own. The kubelet reads it with the memory.
			s.put(r, swap, point{value: float64(extra.Value), time: at})
		}
	}
}

// put writes a sample, and of a record of what is gone a stale marker: queries do not find the series from then on, instead of five minutes later. No reading of
// the same object can be as early as the millisecond after the last one.
func (s *Sink) put(r *export.Record, m *metric, p point) {
	if r.Gone {
		p = point{value: math.Float64frombits(value.StaleNaN), time: p.time + 1}
	}
	s.batch.put(m, p)
}

// seconds are so many nanoseconds. A counter below 2^51 (26 days of one core) is read back from them to the nanosecond.
func seconds(ns uint64) float64 { return float64(ns) / 1e9 }

func milliseconds(ns int64) int64 { return ns / 1e6 }
