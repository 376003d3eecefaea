package otlp

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	collectorpb "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/proto"

	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/sink/endpoint"
	"github.com/plimsoll/plimsoll/test/framework/usagerecord"
)

func newSink(t testing.TB, change func(c *Config)) *Sink {
	t.Helper()
	c := Config{Endpoint: endpoint.Config{URL: "http://127.0.0.1:4318/v1/metrics"}}
	if change != nil {
		change(&c)
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// decode returns the points of a request, one a line after a line with the attributes of their resource, as OpenTelemetry's own types have them.
func decode(t testing.TB, body []byte) (lines []string) {
	t.Helper()
	var request collectorpb.ExportMetricsServiceRequest
	if err := proto.Unmarshal(body, &request); err != nil {
		t.Fatal(err)
	}
	return read(t, &request)
}

func read(t testing.TB, request *collectorpb.ExportMetricsServiceRequest) (lines []string) {
	t.Helper()
	for _, rm := range request.ResourceMetrics {
		var attributes []string
		for _, a := range rm.Resource.Attributes {
			attributes = append(attributes, a.Key+"="+a.Value.GetStringValue())
		}
		lines = append(lines, strings.Join(attributes, " "))
		for _, scope := range rm.ScopeMetrics {
			if scope.Scope.Name != "github.com/plimsoll/plimsoll" || scope.Scope.Version == "" {
				t.Errorf("scope %v", scope.Scope)
			}
			for _, m := range scope.Metrics {
				lines = append(lines, line(t, m))
			}
		}
	}
	return lines
}

func line(t testing.TB, m *metricspb.Metric) string {
	t.Helper()
	kind, points := "gauge", m.GetGauge().GetDataPoints()
	if sum := m.GetSum(); sum != nil {
		kind, points = "updowncounter", sum.DataPoints
		if sum.IsMonotonic {
			kind = "counter"
		}
		if sum.AggregationTemporality != metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE {
			t.Errorf("%s is not cumulative", m.Name)
		}
	}
	if len(points) != 1 {
		t.Fatalf("%s has %d points", m.Name, len(points))
	}
	p := points[0]
	value := fmt.Sprint(p.GetAsDouble())
	if _, ok := p.Value.(*metricspb.NumberDataPoint_AsInt); ok {
		value = fmt.Sprint("int ", p.GetAsInt())
	}
	if p.Flags == uint32(metricspb.DataPointFlags_DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK) && p.Value == nil {
		value = "none"
	}
	since := ""
	if p.StartTimeUnixNano != 0 {
		since = " since " + (time.Duration(int64(p.StartTimeUnixNano) - usagerecord.Base().UnixNano())).String()
	}
	return fmt.Sprintf("%s %s [%s] %s @%v%s", kind, m.Name, m.Unit, value, time.Duration(int64(p.TimeUnixNano)-usagerecord.Base().UnixNano()), since)
}

func TestPointsOfRecords(t *testing.T) {
	const object = "k8s.node.name=node-1 k8s.namespace.name=shop k8s.pod.name=web-0 k8s.pod.uid=1b9d"
	tests := []struct {
		name   string
		config func(c *Config)
		record export.Record
		want   []string
	}{
		{"container", nil, usagerecord.Container(), []string{
			object + " k8s.container.name=app",
			"counter container.cpu.time [s] 901.234567891 @0s since -1h0m0s",
			"gauge container.cpu.usage [{cpu}] 0.25 @0s",
			"updowncounter container.memory.working_set [By] int 52428800 @1s since -1h0m0s",
			"gauge container.uptime [s] 3600 @0s",
		}},
		{"pod", nil, usagerecord.With(func(r *export.Record) { r.Level, r.Container, r.Start, r.CPU = export.Pod, "", 0, export.Reading{} }), []string{
			object,
			"gauge k8s.pod.cpu.usage [{cpu}] 0.25 @0s",
			"updowncounter k8s.pod.memory.working_set [By] int 52428800 @1s",
		}},
		{"node", nil, usagerecord.With(func(r *export.Record) { r.Level, r.Namespace, r.Pod, r.UID, r.Container = export.Node, "", "", "", "" }), []string{
			"k8s.node.name=node-1",
			"counter k8s.node.cpu.time [s] 901.234567891 @0s since -1h0m0s",
			"gauge k8s.node.cpu.usage [{cpu}] 0.25 @0s",
			"updowncounter k8s.node.memory.working_set [By] int 52428800 @1s since -1h0m0s",
			"gauge k8s.node.uptime [s] 3600 @0s",
		}},
		{"rate and no counter, start not known", nil, usagerecord.With(func(r *export.Record) { r.CPU.Time, r.Memory.Time, r.Start = 0, 0, 0 }), []string{
			object + " k8s.container.name=app", "gauge container.cpu.usage [{cpu}] 0.25 @0s",
		}},
		{"details alone", nil, usagerecord.With(func(r *export.Record) { r.Time, r.CPU.Time, r.Memory.Time, r.Details = 0, 0, 0, &export.Details{} }), nil},
		{"gone", nil, usagerecord.With(func(r *export.Record) { r.Gone = true }), []string{
			object + " k8s.container.name=app",
			"counter container.cpu.time [s] none @1ms since -1h0m0s",
			"gauge container.cpu.usage [{cpu}] none @1ms",
			"updowncounter container.memory.working_set [By] none @1.001s since -1h0m0s",
			"gauge container.uptime [s] none @1ms",
		}},
		{"cluster", nil, usagerecord.With(func(r *export.Record) { r.Level = export.Cluster }), nil},
		{"attributes of the configuration", func(c *Config) {
			c.Cluster, c.Attributes = "west", map[string]string{"service.name": "kubelet", "deployment.environment.name": "test"}
		}, usagerecord.With(func(r *export.Record) { r.Time, r.Memory.Time = 0, 0 }), []string{
			"deployment.environment.name=test service.name=kubelet k8s.cluster.name=west " + object + " k8s.container.name=app",
			"counter container.cpu.time [s] 901.234567891 @0s since -1h0m0s",
		}},
		{"the record's own cluster", func(c *Config) { c.Cluster = "west" }, usagerecord.With(func(r *export.Record) { r.CPU.Time, r.Memory.Time, r.Start, r.Cluster = 0, 0, 0, "east" }), []string{
			"k8s.cluster.name=east " + object + " k8s.container.name=app", "gauge container.cpu.usage [{cpu}] 0.25 @0s",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSink(t, tt.config)
			usagerecord.Encode(t, s, usagerecord.Container()) // What a record before has left must not be seen.
			var got []string
			for _, p := range usagerecord.Encode(t, s, tt.record) {
				got = append(got, decode(t, p.Body)...)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestPayloadsAreBounded(t *testing.T) {
	for _, compressed := range []bool{false, true} {
		t.Run(fmt.Sprintf("gzip %v", compressed), func(t *testing.T) {
			s := newSink(t, func(c *Config) { c.Gzip = compressed })
			records := make([]export.Record, 3000)
			for i := range records {
				records[i] = usagerecord.Container()
				records[i].Pod = fmt.Sprintf("web-%d", i)
			}
			payloads := usagerecord.Encode(t, s, records...)
			if len(payloads) != 3 {
				t.Fatalf("%d payloads", len(payloads))
			}
			seen := 0
			for _, p := range payloads {
				if p.Points >= maxPoints+4 || cap(p.Body) > len(p.Body)*5/4+64 {
					t.Errorf("a payload of %d points, %d bytes in an array of %d", p.Points, len(p.Body), cap(p.Body))
				}
				body := p.Body
				if compressed {
					body = unzip(t, body)
				}
				lines := decode(t, body)
				if len(lines) != p.Points/4*5 || !strings.Contains(lines[0], fmt.Sprintf("k8s.pod.name=web-%d ", seen/4)) {
					t.Errorf("%d lines of %d points, the first %s", len(lines), p.Points, lines[0])
				}
				seen += p.Points
			}
			if seen != 4*len(records) {
				t.Errorf("%d points", seen)
			}
		})
	}
}

func unzip(t testing.TB, body []byte) []byte {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	body, err = io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestRecordThatIsNotUTF8IsSkippedAlone(t *testing.T) {
	s := newSink(t, nil)
	bad := usagerecord.Container()
	bad.Container = "\xff"
	payloads, skipped := s.Encode(nil, func(yield func(*export.Record) bool) {
		good := usagerecord.Container()
		_ = yield(&good) && yield(&bad) && yield(&good)
	})
	if skipped != 1 || len(payloads) != 1 || payloads[0].Points != 8 || len(decode(t, payloads[0].Body)) != 10 {
		t.Errorf("%d skipped, payloads %v", skipped, payloads)
	}
}

func TestConfigurationsThatAreRefused(t *testing.T) {
	for key, want := range map[string]string{"k8s.pod.uid": "each object has", "": "no name", "\xff": "invalid UTF-8"} {
		t.Run(key, func(t *testing.T) {
			_, err := New(Config{Endpoint: endpoint.Config{URL: "http://h/"}, Attributes: map[string]string{key: "x"}})
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q", err, want)
			}
		})
	}
}
