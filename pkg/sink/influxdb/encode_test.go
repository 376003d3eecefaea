package influxdb

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/influxdata/line-protocol/v2/lineprotocol"
	"github.com/klauspost/compress/gzip"

	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/sink/endpoint"
)

var update = flag.Bool("update", false, "write the golden files")

const now = int64(1_785_924_000_123_456_789)

// newSink returns a sink of the database k8s, with the changes that f makes to its config.
func newSink(t testing.TB, f func(*Config)) *Sink {
	t.Helper()
	c := Config{Database: "k8s", Endpoint: endpoint.Config{URL: "http://influxdb.test:8086"}}
	if f != nil {
		f(&c)
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// text is what the payloads have, one after the other.
func text(t testing.TB, payloads []export.Payload) string {
	t.Helper()
	var all strings.Builder
	for _, p := range payloads {
		zip, err := gzip.NewReader(bytes.NewReader(p.Body))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(zip)
		if err != nil {
			t.Fatal(err)
		}
		if lines := bytes.Count(body, []byte("\n")); lines != p.Points {
			t.Errorf("a payload of %d points has %d lines", p.Points, lines)
		}
		all.Write(body)
	}
	return all.String()
}

// examples are records of each level, from the store and from the full summary.
func examples() []*export.Record {
	labels := []string{"app", "web", "tier", "front end=1"}
	amounts := func(n uint64) *export.Amounts { return &export.Amounts{CPU: n, Memory: n << 20} }
	reading := func(n uint64, later int64) export.Reading { return export.Reading{Value: n, Time: now + later} }
	usage := export.Record{
		Start: now - 90_000_000_000, Rate: 123_456_789, Time: now, Window: 15_000_000_000,
		CPU: reading(987_654_321_000, 0), Memory: reading(64<<20, 5), Requests: amounts(100), Limits: amounts(200),
	}
	container, pod, node, namespace, all := usage, usage, usage, usage, usage
	container.Level, container.Node, container.Namespace, container.Pod, container.UID, container.Container = export.Container, "node-1", "shop", "web-0", "u", "app"
	container.Labels = labels
	pod.Level, pod.Node, pod.Namespace, pod.Pod, pod.UID, pod.Labels, pod.CPU = export.Pod, "node-1", "shop", "web-0", "u", labels, export.Reading{}
	node.Level, node.Node = export.Node, "node-1"
	namespace.Level, namespace.Namespace, namespace.CPU, namespace.Start = export.Namespace, "shop", export.Reading{}, 0
	all.Level, all.CPU, all.Start = export.Cluster, export.Reading{}, 0
	details := func(from export.Record, d export.Details) *export.Record {
		r := export.Record{Level: from.Level, Cluster: "edge", Node: from.Node, Namespace: from.Namespace, Pod: from.Pod, UID: from.UID, Container: from.Container}
		r.Details = &d
		return &r
	}
	network := export.Details{
		Received: reading(1000, 7), Sent: reading(2000, 7), ReceivedRate: 12.5, SentRate: 20, RateTime: now + 7,
		Filesystem: reading(5<<20, 9), FilesystemLimit: reading(100<<30, 9),
	}
	files := export.Details{
		MemoryUsage: reading(96<<20, 8), Filesystem: reading(5<<20, 9), FilesystemLimit: reading(100<<30, 9),
		Logs: reading(1<<10, 9), LogsLimit: reading(100<<30, 9),
	}
	return []*export.Record{
		&container, &pod, &node, &namespace, &all, details(container, files), details(pod, network), details(node, network),
		{Level: export.Pod, Namespace: "shop", Pod: "nothing-is-known"},
	}
}

// TestPointsAreThoseOfHeapster compares what is written with golden files, and with what a parser of the protocol finds in it.
func TestPointsAreThoseOfHeapster(t *testing.T) {
	tests := []struct {
		name   string
		config func(*Config)
	}{
		{"default", nil},
		{"withfields", func(c *Config) { c.WithFields = true }},
		{"options", func(c *Config) { c.DisableCounterMetrics, c.Cluster, c.LabelSeparator = true, "home, sweet home", ";" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			payloads, skipped := newSink(t, tt.config).Encode(nil, slices.Values(examples()))
			if skipped != 0 {
				t.Errorf("%d records are left out", skipped)
			}
			got, file := text(t, payloads), filepath.Join("testdata", tt.name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err := parse(got); err != nil {
				t.Error(err)
			}
		})
	}
}

// parse reads line protocol to its end.
func parse(text string) error {
	d := lineprotocol.NewDecoderWithBytes([]byte(text))
	for d.Next() {
		if _, err := d.Measurement(); err != nil {
			return err
		}
		for {
			if key, _, err := d.NextTag(); err != nil || key == nil {
				if err != nil {
					return err
				}
				break
			}
		}
		for {
			if key, _, err := d.NextField(); err != nil || key == nil {
				if err != nil {
					return err
				}
				break
			}
		}
		if _, err := d.TimeBytes(); err != nil {
			return err
		}
	}
	return nil
}

// TestRecordThatCannotBeWrittenIsLeftOut has names that no object of Kubernetes can have, which an API server may nevertheless list.
func TestRecordThatCannotBeWrittenIsLeftOut(t *testing.T) {
	bad := []string{"two\nlines", `ends in \`, "no \xff text", "tab\t"}
	records := make([]*export.Record, 0, len(bad)+1)
	for _, name := range bad {
		records = append(records, &export.Record{Level: export.Node, Node: name, Rate: 1, Time: now})
	}
	records = append(records, &export.Record{Level: export.Node, Node: "good, =node", Rate: 7e6, Time: now})
	payloads, skipped := newSink(t, nil).Encode(nil, slices.Values(records))
	if skipped != len(bad) {
		t.Errorf("%d records are left out, want %d", skipped, len(bad))
	}
	want := fmt.Sprintf("cpu/usage_rate,cluster_name=default,nodename=good\\,\\ \\=node,type=node value=7i %d\n", now)
	if diff := cmp.Diff(want, text(t, payloads)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRateIsRounded(t *testing.T) {
	for rate, want := range map[uint64]string{0: "0i", 24_499_999: "24i", 24_500_000: "25i", 24_999_999: "25i", 25_000_001: "25i"} {
		payloads, _ := newSink(t, nil).Encode(nil, slices.Values([]*export.Record{{Level: export.Node, Node: "n", Rate: rate, Time: now}}))
		if got := text(t, payloads); !strings.Contains(got, " value="+want+" ") {
			t.Errorf("a rate of %d nanocores is %s, want %s", rate, got, want)
		}
	}
}

// TestPayloadsAreBounded encodes more than a payload has, and finds every point once.
func TestPayloadsAreBounded(t *testing.T) {
	for _, tt := range []struct {
		name, label string
		records     int
	}{
		{"in points", "v", 3 * maxPoints},
		{"in bytes", strings.Repeat("v", 16<<10), 2 * maxBytes / (16 << 10)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			records := make([]*export.Record, tt.records)
			for i := range records {
				records[i] = &export.Record{Level: export.Pod, Pod: fmt.Sprint(i), Labels: []string{"k", tt.label}, Time: now}
			}
			kept := export.Payload{Body: []byte("kept"), Points: 1}
			payloads, _ := newSink(t, nil).Encode([]export.Payload{kept}, slices.Values(records))
			if diff := cmp.Diff(kept, payloads[0]); diff != "" {
				t.Errorf("the payload that was there (-want +got):\n%s", diff)
			}
			points := 0
			for _, p := range payloads[1:] {
				points += p.Points
				if size := len(text(t, []export.Payload{p})); p.Points > maxPoints || size > maxBytes+20<<10 {
					t.Errorf("a payload has %d points and %d bytes", p.Points, size)
				}
			}
			if points != tt.records || len(payloads) < 3 {
				t.Errorf("%d points in %d payloads", points, len(payloads)-1)
			}
		})
	}
}

func TestConfigIsChecked(t *testing.T) {
	server := endpoint.Config{URL: "http://influxdb.test"}
	for want, c := range map[string]Config{
		"neither a database nor a bucket": {Endpoint: server},
		"retention of 1ns":                {Endpoint: server, Database: "k8s", Retention: 1},
		"cluster_name":                    {Endpoint: server, Database: "k8s", Cluster: "a\nb"},
		"http:// nor https://":            {Database: "k8s"},
	} {
		if s, err := New(c); s != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: sink %v, error %v, want one with %q", c, s, err, want)
		}
	}
}

func TestFullSummaryIsNeededUnlessDisabled(t *testing.T) {
	for _, disabled := range []bool{false, true} {
		s := newSink(t, func(c *Config) { c.DisableSummaryMetrics = disabled })
		want := export.Needs{Labels: true, Resources: true, Sums: true, Details: !disabled}
		if diff := cmp.Diff(want, s.Needs()); diff != "" {
			t.Errorf("disabled %t (-want +got):\n%s", disabled, diff)
		}
	}
}

// TestValuesThatAreNoIntegers are left out: InfluxDB's integers have a sign, and it would refuse the line.
func TestValuesThatAreNoIntegers(t *testing.T) {
	record := export.Record{Level: export.Pod, Pod: "p", Time: now, Memory: export.Reading{Value: math.MaxInt64 + 1, Time: now}}
	payloads, skipped := newSink(t, nil).Encode(nil, slices.Values([]*export.Record{&record}))
	if got := text(t, payloads); strings.Contains(got, memoryWorkingSet) || !strings.Contains(got, cpuUsageRate) || skipped != 0 {
		t.Errorf("%d records are left out of %s", skipped, got)
	}
}
