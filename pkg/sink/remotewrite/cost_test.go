package remotewrite

import (
	"fmt"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// BenchmarkEncode encodes the records of 1,000 nodes with 30 containers each, as one resolution brings them. The CPU time and the bytes are those of a container,
// with its share of the node's record.
func BenchmarkEncode(b *testing.B) {
	const nodes, containers = 1000, 30
	var records []export.Record
	for n := range nodes {
		node := fmt.Sprintf("node-%d.example.internal", n)
		r := export.Record{Level: export.Node, Node: node, CPU: export.Reading{Value: 7e15 + uint64(n), Time: after(0)}, Memory: export.Reading{Value: 1 << 33, Time: after(0)}}
		records = append(records, r)
		for c := range containers {
			r := containerRecord()
			r.Node, r.Namespace, r.Pod = node, fmt.Sprintf("team-%d", c%8), fmt.Sprintf("workload-%d-6d5f7c9b84-%d", c, n)
			r.CPU.Value += uint64(n*c) * 12_345_678
			r.CPU.Time += int64(c) * int64(time.Millisecond)
			records = append(records, r)
		}
	}
	for _, two := range []bool{false, true} {
		b.Run(fmt.Sprintf("2.0=%v", two), func(b *testing.B) {
			benchmark(b, newSink(b, func(c *Config) { c.Version2 = two }), records)
		})
	}
}

func benchmark(b *testing.B, s *Sink, records []export.Record) {
	const containers = 30_000
	var payloads []export.Payload
	var bytes int
	b.ReportAllocs()
	before := processTime(b)
	for b.Loop() {
		payloads, _ = s.Encode(payloads[:0], func(yield func(*export.Record) bool) {
			for i := range records {
				if !yield(&records[i]) {
					return
				}
			}
		})
		bytes = 0
		for _, p := range payloads {
			bytes += len(p.Body)
		}
	}
	b.ReportMetric(float64(processTime(b)-before)/float64(b.N*containers), "cpu-ns/container")
	b.ReportMetric(float64(bytes)/containers, "bytes/container")
}

// processTime is the CPU time that the process has used. On a busy machine the clock says less.
func processTime(b *testing.B) time.Duration {
	b.Helper()
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
