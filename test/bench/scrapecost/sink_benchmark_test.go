package scrapecost

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/sink/endpoint"
	"github.com/plimsoll/plimsoll/pkg/sink/influxdb"
	"github.com/plimsoll/plimsoll/pkg/sink/otlp"
	"github.com/plimsoll/plimsoll/pkg/sink/remotewrite"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// asReceiver is the environment variable with which this program accepts what sinks send.
const asReceiver = "PLIMSOLL_BE_THE_RECEIVER"

// beTheReceiver prints its address on standard output, and accepts everything until standard input ends.
func beTheReceiver() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("X-Prometheus-Remote-Write-Samples-Written", "1000000") // Without it, what is sent by version 2.0 is sent once more.
		w.WriteHeader(http.StatusNoContent)
	})}
	go func() {
		defer server.Close()
		_, _ = io.Copy(io.Discard, os.Stdin)
	}()
	fmt.Fprintln(os.Stdout, "http://"+listener.Addr().String())
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// writer is what each kind of sink has.
type writer interface {
	export.Encoder
	export.Sender
	Needs() export.Needs
}

// BenchmarkSink exports what as many scrapes publish as in BenchmarkScrape, in as much time, and counts what that costs this process beside the scrapes. An
// operation is what one scrape publishes: usage of the node and of its pods.
func BenchmarkSink(b *testing.B) {
	to := endpoint.Config{URL: startSelf(b, asReceiver, 1)[0]}
	for _, kind := range []struct {
		name string
		new  func() (writer, error)
	}{
		{"nothing", func() (writer, error) { return nothing{}, nil }},
		{"prometheus", func() (writer, error) { return remotewrite.New(remotewrite.Config{Endpoint: to}) }},
		{"prometheus-2.0", func() (writer, error) { return remotewrite.New(remotewrite.Config{Endpoint: to, Version2: true}) }},
		{"otlp", func() (writer, error) { return otlp.New(otlp.Config{Endpoint: to, Gzip: true}) }},
		{"otlp-not-compressed", func() (writer, error) { return otlp.New(otlp.Config{Endpoint: to}) }},
		{"influxdb", func() (writer, error) { return influxdb.New(influxdb.Config{Endpoint: to, Database: "k8s"}) }},
	} {
		b.Run(kind.name, func(b *testing.B) {
			w, err := kind.new()
			if err != nil {
				b.Fatal(err)
			}
			measureSink(b, w)
		})
	}
}

// nothing is a sink that reads the records: what making them costs.
type nothing struct{}

func (nothing) Encode(payloads []export.Payload, records iter.Seq[*export.Record]) ([]export.Payload, int) {
	n := 0
	for range records {
		n++
	}
	return append(payloads, export.Payload{Points: n}), 0
}

func (nothing) Send(context.Context, export.Payload) error { return nil }

func (nothing) Needs() export.Needs { return export.Needs{} }

func measureSink(b *testing.B, w writer) {
	published := publications(1 + b.N)
	o := usage.NewObserver(1<<16, slices.Values(published[0]), func(*usage.Observer) {})
	observe := func(int) *usage.Observer { return o }
	e := export.New([]export.ObservedCluster{{Observe: observe, Resolution: resolution}}, []export.Sink{{
		Name: "sink", Text: "sink", Encoder: w, Sender: w, QueueBytes: 64 << 20, Timeout: time.Minute, Concurrency: 1,
	}})
	ctx, cancel := context.WithCancel(klog.NewContext(b.Context(), klog.Logger{}))
	var wg sync.WaitGroup
	wg.Go(func() { _ = e.Start(ctx) })
	for e.Status()[0].Sent == 0 { // It has a connection then.
		<-time.After(10 * time.Millisecond)
	}
	b.ResetTimer()
	costs := publish(b, o, published[1:])
	cancel()
	wg.Wait() // The rest is delivered.
	b.StopTimer()
	b.ReportMetric(costs[0], "cpu-µs/scrape")
	b.ReportMetric(costs[len(costs)/2], "median-cpu-µs/scrape")
	status := e.Status()[0]
	b.ReportMetric(float64(status.Sent)/float64(1+b.N), "points/scrape")
	if status.Errors > 0 || status.Sent == 0 {
		b.Errorf("%+v", status)
	}
}

// publish has the exporter observe what so many scrapes publish, as many at a time as a tick of the scheduler brings, and returns the CPU in microseconds for
// one, in each window of two seconds, lowest first.
func publish(b *testing.B, o *usage.Observer, published [][]usage.Event) (costs []float64) {
	const together = 7
	every := together * resolution / nodes
	next := time.NewTicker(every)
	defer next.Stop()
	for of := range slices.Chunk(published, int(2*time.Second/every)*together) {
		before := used(b)
		for now := range slices.Chunk(of, together) {
			for _, event := range slices.Concat(now...) {
				o.Enqueue(event)
			}
			<-next.C
		}
		costs = append(costs, float64((used(b)-before).Microseconds())/float64(len(of)))
	}
	slices.Sort(costs)
	return costs
}

// publications are what so many scrapes publish, one node after the other.
func publications(n int) [][]usage.Event {
	start := time.Now()
	out := make([][]usage.Event, n)
	for i := range out {
		node := fmt.Sprintf("node-%04d", i%nodes)
		at := start.Add(time.Duration(i) * resolution / nodes)
		read := usage.Accepted{Start: start.Add(-time.Hour).UnixNano(), CPU: uint64(i) * 123_456_789, CPUTime: at.UnixNano(), Memory: 123_456_789 + uint64(i)<<12, MemoryTime: at.UnixNano()}
		version := uint64(i)*(pods+1) + 1
		out[i] = []usage.Event{{
			Key: usage.Key{Name: node}, ResourceVersion: version, Accepted: []usage.Accepted{read},
			Node: &usage.Node{Time: at, Window: 15 * time.Second, CPU: 1_234_567_890, Memory: read.Memory},
		}}
		for p := range pods {
			of := pod(node, p)
			out[i] = append(out[i], usage.Event{
				Key: usage.Key{Namespace: of.Namespace, Name: of.Name, UID: of.UID}, ResourceVersion: version + uint64(p) + 1, Accepted: []usage.Accepted{read, read},
				Pod: &usage.Pod{Node: node, Time: at, Window: 15 * time.Second, Containers: []usage.Container{
					{Name: "app", CPU: 123_456_789, Memory: read.Memory}, {Name: "mesh-proxy", CPU: 12_345_678, Memory: read.Memory},
				}},
			})
		}
	}
	return out
}
