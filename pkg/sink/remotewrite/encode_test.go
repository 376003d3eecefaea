package remotewrite

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/snappy"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/prompb"

	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/sink/endpoint"
	"github.com/plimsoll/plimsoll/pkg/usage"
	"github.com/plimsoll/plimsoll/test/framework/usagerecord"
)

func newSink(t testing.TB, change func(c *Config)) *Sink {
	t.Helper()
	c := Config{Endpoint: endpoint.Config{URL: "http://127.0.0.1:9090/api/v1/write"}}
	if change != nil {
		change(&c)
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// decode1 returns a payload's samples, one a line, as Prometheus' own type has them.
func decode1(t testing.TB, p export.Payload) (lines []string) {
	t.Helper()
	raw, err := snappy.Decode(nil, p.Body)
	if err != nil {
		t.Fatal(err)
	}
	var request prompb.WriteRequest
	if err := request.Unmarshal(raw); err != nil {
		t.Fatal(err)
	}
	for _, series := range request.Timeseries {
		var labels []string
		for _, l := range series.Labels {
			labels = append(labels, l.Name+"="+l.Value)
		}
		if !slices.IsSorted(labels) {
			t.Errorf("labels out of order: %q", labels)
		}
		for _, s := range series.Samples {
			number := fmt.Sprint(s.Value)
			if value.IsStaleNaN(s.Value) {
				number = "stale"
			}
			lines = append(lines, fmt.Sprintf("%s %s @%d", strings.Join(labels, " "), number, s.Timestamp-usagerecord.Base().UnixMilli()))
		}
	}
	if len(lines) != p.Points {
		t.Errorf("%d samples, counted %d", len(lines), p.Points)
	}
	return lines
}

func TestSeriesOfRecords(t *testing.T) {
	node := export.Record{
		Level: export.Node, Node: "node-1", Start: usagerecord.After(-time.Hour), Extra: usage.Extras{{Resource: sample.Swap, Value: 4096}},
		CPU: export.Reading{Value: 7e9, Time: usagerecord.After(0)}, Memory: export.Reading{Value: 1 << 30, Time: usagerecord.After(0)},
	}
	const labels = "container=app namespace=shop node=node-1 pod=web-0"
	tests := []struct {
		name   string
		config func(c *Config)
		record export.Record
		want   []string
	}{
		{"container", nil, usagerecord.Container(), []string{
			"__name__=container_cpu_usage_seconds_total " + labels + " 901.234567891 @0",
			"__name__=container_memory_working_set_bytes " + labels + " 5.24288e+07 @1000",
			"__name__=container_start_time_seconds " + labels + " 1.7959428002499998e+09 @0",
		}},
		{"node", nil, node, []string{
			"__name__=node_cpu_usage_seconds_total node=node-1 7 @0",
			"__name__=node_memory_working_set_bytes node=node-1 1.073741824e+09 @0",
			"__name__=node_swap_usage_bytes node=node-1 4096 @0",
		}},
		{"swap of a container, and a resource that the kubelet has no series of", nil, usagerecord.With(func(r *export.Record) {
			r.CPU.Time = 0
			r.Extra = usage.Extras{{Resource: sample.EphemeralStorage, Value: 1}, {Resource: sample.Swap, Value: 8192}}
		}), []string{
			"__name__=container_memory_working_set_bytes " + labels + " 5.24288e+07 @1000",
			"__name__=container_swap_usage_bytes " + labels + " 8192 @1000",
		}},
		{"start not known", nil, usagerecord.With(func(r *export.Record) { r.Start, r.Memory.Time = 0, 0 }), []string{
			"__name__=container_cpu_usage_seconds_total " + labels + " 901.234567891 @0",
		}},
		{"details alone", nil, usagerecord.With(func(r *export.Record) { r.CPU.Time, r.Memory.Time, r.Details = 0, 0, &export.Details{} }), nil},
		{"gone", nil, usagerecord.With(func(r *export.Record) { r.Gone = true }), []string{
			"__name__=container_cpu_usage_seconds_total " + labels + " stale @1",
			"__name__=container_memory_working_set_bytes " + labels + " stale @1001",
			"__name__=container_start_time_seconds " + labels + " stale @1",
		}},
		{"pod", nil, usagerecord.With(func(r *export.Record) { r.Level, r.Container = export.Pod, "" }), nil},
		{"namespace", nil, usagerecord.With(func(r *export.Record) { r.Level = export.Namespace }), nil},
		{"labels of the configuration, in the order of bytes", func(c *Config) {
			c.Cluster, c.Labels = "west", map[string]string{"Region": "eu", "zone": "1", "nothing": ""}
		}, usagerecord.With(func(r *export.Record) { r.Memory.Time, r.Start = 0, 0 }), []string{
			"Region=eu __name__=container_cpu_usage_seconds_total cluster=west " + labels + " zone=1 901.234567891 @0",
		}},
		{"the record's own cluster", func(c *Config) { c.Cluster = "west" }, usagerecord.With(func(r *export.Record) {
			r.Memory.Time, r.Start, r.Cluster = 0, 0, "east"
		}), []string{"__name__=container_cpu_usage_seconds_total cluster=east " + labels + " 901.234567891 @0"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, p := range usagerecord.Encode(t, newSink(t, tt.config), tt.record) {
				got = append(got, decode1(t, p)...)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestPayloadsAreBoundedAndKeepTheOrder(t *testing.T) {
	s := newSink(t, nil)
	const n = 4000
	records := make([]export.Record, n)
	for i := range records {
		records[i] = usagerecord.Container()
		records[i].Pod = fmt.Sprintf("web-%d", i/2)
		records[i].CPU.Time += int64(i%2) * int64(time.Second)
	}
	for range 2 { // The second time with the buffers of the first.
		payloads := usagerecord.Encode(t, s, records...)
		if len(payloads) != 3 {
			t.Fatalf("%d payloads", len(payloads))
		}
		var lines []string
		for _, p := range payloads {
			if p.Points >= maxSamples+4 {
				t.Errorf("a payload of %d samples", p.Points)
			}
			if cap(p.Body) > len(p.Body)*5/4+64 {
				t.Errorf("a payload of %d bytes in an array of %d", len(p.Body), cap(p.Body))
			}
			lines = append(lines, decode1(t, p)...)
		}
		if len(lines) != 3*n {
			t.Fatalf("%d samples", len(lines))
		}
		if first, second := lines[0], lines[3]; !strings.HasSuffix(first, " @0") || !strings.HasSuffix(second, " @1000") {
			t.Errorf("the samples of one series: %s, %s", first, second)
		}
		if last := lines[3*n-3]; !strings.Contains(last, "pod=web-1999 ") {
			t.Errorf("the last: %s", last)
		}
	}
}

func TestConfigurationsThatAreRefused(t *testing.T) {
	for name, want := range map[string]string{
		"pod": "each series has", "__name__": "invalid label name", "__replica": "invalid label name", "a-b": "invalid label name", "": "invalid label name", "1a": "invalid label name",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(Config{Endpoint: endpoint.Config{URL: "http://h/"}, Labels: map[string]string{name: "x"}})
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q", err, want)
			}
		})
	}
}
