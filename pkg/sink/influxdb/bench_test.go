package influxdb

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/influxdata/line-protocol/v2/lineprotocol"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// node returns the records of one node with 30 pods of two containers, as one scrape brings them.
func node() []*export.Record {
	amounts := &export.Amounts{CPU: 100, Memory: 128 << 20}
	record := func(l export.Level, pod, container string) *export.Record {
		r := &export.Record{
			Level: l, Node: "node-0042.example.internal", Rate: 123_456_789, Time: now, Window: 15e9, Start: now - 1e12,
			Memory: export.Reading{Value: 64 << 20, Time: now}, Requests: amounts, Limits: amounts,
		}
		if l != export.Node {
			r.Namespace, r.Pod, r.Container = "shop-production", pod, container
			r.Labels = []string{"app.kubernetes.io/name", "checkout", "pod-template-hash", "5d4f8c7b9f"}
		}
		if l == export.Container {
			r.CPU = export.Reading{Value: 987_654_321_000, Time: now}
		}
		return r
	}
	all := []*export.Record{record(export.Node, "", "")}
	for i := range 30 {
		name := fmt.Sprintf("checkout-5d4f8c7b9f-%05d", i)
		all = append(all, record(export.Container, name, "app"), record(export.Container, name, "proxy"), record(export.Pod, name, ""))
	}
	return all
}

func BenchmarkEncode(b *testing.B) {
	for name, f := range map[string]func(*Config){
		"default":    nil,
		"withfields": func(c *Config) { c.WithFields = true },
	} {
		b.Run(name, func(b *testing.B) {
			s, records := newSink(b, f), node()
			var payloads []export.Payload
			b.ReportAllocs()
			for b.Loop() {
				payloads, _ = s.Encode(payloads[:0], slices.Values(records))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*payloads[0].Points), "ns/point")
			b.ReportMetric(float64(len(payloads[0].Body)), "bytes/node")
		})
	}
}

// BenchmarkTagsOfEachPoint has the library write the tags of each point anew, without compression: what the tags of a record that are written once
// save.
func BenchmarkTagsOfEachPoint(b *testing.B) {
	s, records := newSink(b, nil), node()
	var e lineprotocol.Encoder
	for b.Loop() {
		e.Reset()
		for _, r := range records {
			for range 9 {
				w := &s.tags
				w.line = e
				w.line.StartLine("cpu/usage_rate")
				w.addAll(r)
				w.line.AddField("value", lineprotocol.IntValue(123))
				w.line.EndLine(time.Unix(0, now))
				e = w.line
			}
		}
		if e.Err() != nil {
			b.Fatal(e.Err())
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(records)*9), "ns/point")
}

// BenchmarkTagsOfEachRecord is the same through the batch.
func BenchmarkTagsOfEachRecord(b *testing.B) {
	s, records := newSink(b, nil), node()
	for b.Loop() {
		s.batch.text = s.batch.text[:0]
		for _, r := range records {
			tags, _ := s.tags.of(r)
			s.batch.begin(tags)
			for range 9 {
				s.batch.count("cpu/usage_rate", 123, now)
			}
			s.batch.end()
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(records)*9), "ns/point")
}
