package export

import (
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// counting encodes nothing.
type counting struct{ *fakeSink }

func (counting) Encode(to []Payload, records iter.Seq[*Record]) (all []Payload, skipped int) {
	for range records {
	}
	return to, 0
}

// BenchmarkChangesToRecords has the usage of 1,000 pods of two containers be published, and become the records of one sink. It is the share of the exporter in
// the cost of a sink, beside that of the encoder.
func BenchmarkChangesToRecords(b *testing.B) {
	const pods = 1000
	o := observerOf(1 << 16)
	d := newDelivery(sinkOf(nil, func(s *Sink) { s.Encoder = counting{} }))
	c := newCluster(clusterOf(o), Needs{})
	version := uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		for i := range pods {
			version++
			at := time.Unix(int64(version), 0)
			o.Enqueue(usage.Event{
				Key: usage.Key{Namespace: "ns", Name: fmt.Sprintf("pod-%d", i), UID: fmt.Sprint(i)}, ResourceVersion: version,
				Pod:      &usage.Pod{Node: "n", Time: at, Window: time.Second, Containers: []usage.Container{{Name: "a"}, {Name: "b"}}},
				Accepted: []usage.Accepted{{Start: 1, CPUTime: at.UnixNano(), MemoryTime: at.UnixNano()}, {Start: 1, CPUTime: at.UnixNano(), MemoryTime: at.UnixNano()}},
			})
		}
		b.StartTimer()
		d.put(c.records(c.changes(o)))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/pods/2, "ns/container")
}
