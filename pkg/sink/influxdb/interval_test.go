package influxdb

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// TestFirstSampleOfEachIntervalIsWritten has samples of one object at these seconds.
func TestFirstSampleOfEachIntervalIsWritten(t *testing.T) {
	const second = int64(time.Second)
	seconds, records := []int64{50, 65, 80, 119, 120, 135, 290}, []*export.Record(nil)
	for i, at := range seconds {
		r := &export.Record{Level: export.Node, Node: "n", Time: at * second, Rate: uint64(at) * nanocoresPerMillicore}
		if i > 0 {
			r.Previous = seconds[i-1] * second
		}
		records = append(records, r, &export.Record{Level: export.Node, Node: "n", Previous: r.Time, Memory: export.Reading{Value: 1, Time: r.Time + 1}})
	}
	details := &export.Record{Level: export.Node, Node: "n", Details: &export.Details{MemoryUsage: export.Reading{Value: 3, Time: 1}}}
	for interval, want := range map[time.Duration][]int64{time.Minute: {50, 65, 120, 290}, time.Hour: {50}, 0: seconds} {
		s := newSink(t, func(c *Config) { c.Interval = interval })
		payloads, _ := s.Encode(nil, slices.Values(append(records, details)))
		var got []int64
		for line := range strings.Lines(text(t, payloads)) {
			var at int64
			if _, err := fmt.Sscanf(line, "cpu/usage_rate,cluster_name=default,nodename=n,type=node value=%di", &at); err == nil {
				got = append(got, at)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || !strings.Contains(text(t, payloads), "memory/usage") {
			t.Errorf("every %v (-want +got):\n%s", interval, diff)
		}
	}
}

// TestDetailsAreWrittenByTheirOwnTimes has readings a minute apart, as far as the kubelet's own cadence lets them: none comes twice in a minute.
func TestDetailsAreWrittenByTheirOwnTimes(t *testing.T) {
	const second = int64(time.Second)
	at := func(s int64) export.Reading { return export.Reading{Value: 1, Time: s * second} }
	details := func(memory, network, files, logs int64) *export.Details {
		return &export.Details{
			MemoryUsage: at(memory), Received: at(network), Sent: at(network), ReceivedRate: 1, RateTime: network * second,
			Filesystem: at(files), FilesystemLimit: at(files), Logs: at(logs), LogsLimit: at(logs),
		}
	}
	first, later := details(60, 61, 62, 119), details(120, 119, 118, 180)
	later.Previous = first.Times()
	records := []*export.Record{
		{Level: export.Pod, Pod: "p", Start: 1, Details: first}, {Level: export.Pod, Pod: "p", Start: 1, Details: later},
	}
	count := func(s *Sink, metric string) int {
		payloads, _ := s.Encode(nil, slices.Values(records))
		return strings.Count(text(t, payloads), metric+",")
	}
	minutely, all := newSink(t, func(c *Config) { c.Interval = time.Minute }), newSink(t, nil)
	for metric, want := range map[string]int{"memory/usage": 2, "network/rx": 1, "network/tx_rate": 1, "filesystem/usage": 3, "uptime": 2} {
		if got := count(minutely, metric); got != want {
			t.Errorf("%s is written %d times, want %d", metric, got, want)
		}
	}
	for metric, want := range map[string]int{"memory/usage": 2, "network/rx": 2, "network/tx_rate": 2, "filesystem/usage": 4, "uptime": 2} {
		if got := count(all, metric); got != want {
			t.Errorf("%s is written %d times without an interval, want %d", metric, got, want)
		}
	}
}
