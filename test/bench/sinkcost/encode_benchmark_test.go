package sinkcost

import (
	"fmt"
	"testing"
	"time"

	collectorpb "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/proto"

	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/sink/endpoint"
	"github.com/plimsoll/plimsoll/pkg/sink/otlp"
	"github.com/plimsoll/plimsoll/pkg/sink/remotewrite"
)

const nodes, containers = 1000, 30

// to is an address to which nothing is sent.
var to = endpoint.Config{URL: "http://127.0.0.1:9"}

// BenchmarkEncode encodes the records of 1,000 nodes with 30 containers each, as one resolution brings them. The CPU time and the bytes are those of a container,
// with its share of the node's record.
func BenchmarkEncode(b *testing.B) {
	all := records()
	for _, kind := range []struct {
		name string
		new  func() (export.Encoder, error)
	}{
		{"prometheus-1.0", func() (export.Encoder, error) { return remotewrite.New(remotewrite.Config{Endpoint: to}) }},
		{"prometheus-2.0", func() (export.Encoder, error) {
			return remotewrite.New(remotewrite.Config{Endpoint: to, Version2: true})
		}},
		{"otlp", func() (export.Encoder, error) { return otlp.New(otlp.Config{Endpoint: to, Gzip: true}) }},
		{"otlp-not-compressed", func() (export.Encoder, error) { return otlp.New(otlp.Config{Endpoint: to}) }},
	} {
		b.Run(kind.name, func(b *testing.B) {
			e, err := kind.new()
			if err != nil {
				b.Fatal(err)
			}
			var payloads []export.Payload
			b.ReportAllocs()
			before := processTime(b)
			for b.Loop() {
				payloads = encode(b, e, payloads[:0], all)
			}
			b.ReportMetric(float64(processTime(b)-before)/float64(b.N*nodes*containers), "cpu-ns/container")
			bytes := 0
			for _, p := range payloads {
				bytes += len(p.Body)
			}
			b.ReportMetric(float64(bytes)/(nodes*containers), "bytes/container")
		})
	}
}

// BenchmarkLibrary has OpenTelemetry's library encode the messages of one container, which it need not make first.
func BenchmarkLibrary(b *testing.B) {
	e, err := otlp.New(otlp.Config{Endpoint: to})
	if err != nil {
		b.Fatal(err)
	}
	var request collectorpb.ExportMetricsServiceRequest
	if err := proto.Unmarshal(encode(b, e, nil, records()[1:2])[0].Body, &request); err != nil {
		b.Fatal(err)
	}
	before := processTime(b)
	var body []byte
	for b.Loop() {
		if body, err = (proto.MarshalOptions{}).MarshalAppend(body[:0], &request); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(processTime(b)-before)/float64(b.N), "cpu-ns/container")
}

func encode(b *testing.B, e export.Encoder, payloads []export.Payload, records []export.Record) []export.Payload {
	b.Helper()
	payloads, skipped := e.Encode(payloads, func(yield func(*export.Record) bool) {
		for i := range records {
			if !yield(&records[i]) {
				return
			}
		}
	})
	if skipped > 0 {
		b.Fatalf("%d records skipped", skipped)
	}
	return payloads
}

func records() (all []export.Record) {
	now := time.Now().UnixNano()
	for n := range nodes {
		node := fmt.Sprintf("node-%d.example.internal", n)
		all = append(all, export.Record{Level: export.Node, Node: node, CPU: export.Reading{Value: 7e15 + uint64(n), Time: now}, Memory: export.Reading{Value: 1 << 33, Time: now}})
		for c := range containers {
			all = append(all, export.Record{
				Level: export.Container, Node: node, Namespace: fmt.Sprintf("team-%d", c%8), Pod: fmt.Sprintf("workload-%d-6d5f7c9b84-%d", c, n), UID: "1b9d", Container: "app",
				Start: now - int64(time.Hour), Rate: 250_000_000, Time: now, Window: int64(15 * time.Second),
				CPU:    export.Reading{Value: 901_234_567_891 + uint64(n*c)*12_345_678, Time: now + int64(c)*int64(time.Millisecond)},
				Memory: export.Reading{Value: 52_428_800, Time: now + int64(time.Second)},
			})
		}
	}
	return all
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
