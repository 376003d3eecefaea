package sample

import (
	"cmp"
	"math"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

// Times in these tests are seconds after an arbitrary epoch.
const epoch = int64(1_785_924_000) * int64(time.Second)

func at(seconds float64) int64 { return epoch + int64(seconds*float64(time.Second)) }

// step is one scrape: the CPU counter in core-seconds, when it was read and when its instance began (0: unknown).
type step struct {
	read, cpu, start float64
	// received is when the response arrived; 0 for the time of the reading.
	received float64
	want     Rejection
}

func (s step) usage() Usage {
	u := Usage{CPU: Reading{Known: true, Time: at(s.read), Value: uint64(s.cpu * 1e9)}}
	if s.start != 0 {
		u.Start = at(s.start)
	}
	return u
}

// outcome is a rate in millicores over a window in seconds that ends at a time in seconds.
type outcome struct {
	Milli, Window, End float64
	OK                 bool
}

func rateOf(c *CPUCounter) outcome {
	r, v := c.Rate(0, 0)
	if !v.OK {
		return outcome{}
	}
	seconds := func(ns int64) float64 { return math.Round(float64(ns)/1e6) / 1e3 }
	return outcome{Milli: float64(r.Nanocores) / 1e6, Window: seconds(r.To - r.From), End: seconds(r.To - epoch), OK: true}
}

func TestCPUCounter(t *testing.T) {
	tests := []struct {
		name  string
		steps []step
		want  outcome
	}{
		{"nothing seen", nil, outcome{}},
		{"one scrape at a counter without a start", []step{{read: 100, cpu: 5}}, outcome{}},
		{"two scrapes", []step{{read: 100, cpu: 5}, {read: 110, cpu: 6}}, outcome{100, 10, 110, true}},
		{"the window moves on", []step{{read: 100, cpu: 5}, {read: 110, cpu: 6}, {read: 120, cpu: 9}}, outcome{300, 10, 120, true}},
		{"a missed scrape makes a longer window", []step{{read: 100, cpu: 5}, {read: 140, cpu: 9}}, outcome{100, 40, 140, true}},
		{
			"a reading soon after another widens the window",
			[]step{{read: 100, cpu: 5}, {read: 115, cpu: 6.5}, {read: 117, cpu: 7.5}},
			outcome{2500.0 / 17, 17, 117, true},
		},
		{
			"and the next begins there",
			[]step{{read: 100, cpu: 5}, {read: 115, cpu: 6.5}, {read: 117, cpu: 7.5}, {read: 130, cpu: 8.8}},
			outcome{100, 13, 130, true},
		},
		{"two readings soon after each other", []step{{read: 100, cpu: 5}, {read: 102, cpu: 5.2}}, outcome{100, 2, 102, true}},
		{"an idle counter", []step{{read: 100, cpu: 5}, {read: 110, cpu: 5}}, outcome{0, 10, 110, true}},
		{
			"the same reading again keeps the window",
			[]step{{read: 100, cpu: 5}, {read: 110, cpu: 6}, {read: 110, cpu: 6, received: 125, want: Repeated}},
			outcome{100, 10, 110, true},
		},
		{
			"an older reading is refused",
			[]step{{read: 100, cpu: 5}, {read: 110, cpu: 6}, {read: 105, cpu: 5.5, received: 125, want: OutOfOrder}},
			outcome{100, 10, 110, true},
		},
		{
			"a little older and a little less is no restart: the kubelet changed its source",
			[]step{{read: 100, cpu: 5, start: 1}, {read: 110, cpu: 6, start: 1}, {read: 109, cpu: 5.9, start: 1.3, received: 125, want: OutOfOrder}},
			outcome{100, 10, 110, true},
		},
		{
			"a reading far ahead is refused",
			[]step{{read: 100, cpu: 5}, {read: 200, cpu: 6, received: 110, want: Future}, {read: 110, cpu: 6}},
			outcome{100, 10, 110, true},
		},
		{
			"a reading a little ahead is taken",
			[]step{{read: 100, cpu: 5}, {read: 160, cpu: 11, received: 110}},
			outcome{100, 60, 160, true},
		},
		{
			"a reading before 1970 is refused",
			[]step{{read: 100, cpu: 5}, {read: -2e9, cpu: 6, received: 110, want: BadTime}, {read: 110, cpu: 6}},
			outcome{100, 10, 110, true},
		},
		{"a counter that falls begins a new instance", []step{{read: 100, cpu: 5}, {read: 110, cpu: 6}, {read: 120, cpu: 1}}, outcome{}},
		{
			"a counter that fell under the same start has no window before the next reading",
			[]step{{read: 100, cpu: 5, start: 90}, {read: 110, cpu: 1, start: 90}},
			outcome{},
		},
		{
			"after a fall the next reading gives a rate",
			[]step{{read: 100, cpu: 5}, {read: 110, cpu: 1}, {read: 120, cpu: 3}},
			outcome{200, 10, 120, true},
		},
		{
			"a restart is seen by its start",
			[]step{{read: 100, cpu: 50, start: 1}, {read: 112, cpu: 6, start: 101}},
			outcome{6000.0 / 11, 11, 112, true},
		},
		{
			"a restart with a higher counter has no rate before the next reading",
			[]step{{read: 100, cpu: 5, start: 1}, {read: 112, cpu: 6, start: 101}},
			outcome{},
		},
		{
			"a new start time without a restart makes no spike",
			[]step{{read: 100, cpu: 26, start: 1}, {read: 112, cpu: 27.2, start: 101}, {read: 122, cpu: 28.2, start: 101}},
			outcome{100, 10, 122, true},
		},
		{
			"a start that moved twice is ignored",
			[]step{{read: 100, cpu: 10, start: 1}, {read: 112, cpu: 11, start: 101}, {read: 124, cpu: 12.2, start: 113}},
			outcome{100, 12, 124, true},
		},
		{
			"and those of the instance that begins when the counter falls are not",
			[]step{
				{read: 100, cpu: 10, start: 1}, {read: 112, cpu: 11, start: 101}, {read: 124, cpu: 12.2, start: 113},
				{read: 136, cpu: 1, start: 130}, {read: 148, cpu: 2, start: 130}, {read: 160, cpu: 3, start: 149},
			},
			outcome{},
		},
		{
			"a window since a start that moves is forgotten with the start",
			[]step{{read: 100, cpu: 3, start: 70}, {read: 102, cpu: 4, start: 82}},
			outcome{500, 2, 102, true},
		},
		{
			"a window between readings is kept where a start moves",
			[]step{{read: 100, cpu: 5, start: 1}, {read: 110, cpu: 6, start: 1}, {read: 112, cpu: 7, start: 101}},
			outcome{2000.0 / 12, 12, 112, true},
		},
		{
			"a start that moves to a second before the newest reading may be one",
			[]step{{read: 100, cpu: 10, start: 1}, {read: 112, cpu: 11, start: 99}},
			outcome{},
		},
		{
			"and to a moment before that may not",
			[]step{{read: 100, cpu: 10, start: 1}, {read: 112, cpu: 11, start: 98.9}},
			outcome{1000.0 / 12, 12, 112, true},
		},
		{
			"a start a second earlier is of the same instance",
			[]step{{read: 100, cpu: 5, start: 50}, {read: 110, cpu: 6, start: 49}, {read: 120, cpu: 8, start: 48.9, want: OlderInstance}},
			outcome{100, 10, 110, true},
		},
		{
			"a start a second later is of the same instance",
			[]step{{read: 100, cpu: 5, start: 50}, {read: 110, cpu: 6, start: 51}},
			outcome{100, 10, 110, true},
		},
		{
			"also where the start before was that of an instance that has just begun",
			[]step{{read: 100, cpu: 5, start: 99}, {read: 110, cpu: 6, start: 100}},
			outcome{100, 10, 110, true},
		},
		{
			"two readings of an idle counter that come late, with a new one in between, show no clock that was set back",
			[]step{{read: 100, cpu: 5}, {read: 90, cpu: 5, received: 105, want: OutOfOrder}, {read: 110, cpu: 5}, {read: 95, cpu: 5, received: 115, want: OutOfOrder}},
			outcome{0, 10, 110, true},
		},
		{
			"a counter that is a second behind shows no clock that was set back",
			[]step{{read: 100, cpu: 5}, {read: 110, cpu: 6}, {read: 109, cpu: 6.5, received: 125, want: OutOfOrder}},
			outcome{100, 10, 110, true},
		},
		{
			"the same late reading of an idle counter again does not either",
			[]step{{read: 100, cpu: 5}, {read: 90, cpu: 5, received: 105, want: OutOfOrder}, {read: 90, cpu: 5, received: 110, want: OutOfOrder}},
			outcome{},
		},
		{
			"a later start under an earlier time shows it at once, also of an idle counter",
			[]step{{read: 100, cpu: 5, start: 50}, {read: 90, cpu: 5, start: 80, received: 105}, {read: 105, cpu: 6.5, start: 80}},
			outcome{100, 15, 105, true},
		},
		{
			"a start that was not known at first is learnt",
			[]step{{read: 100, cpu: 5}, {read: 110, cpu: 6, start: 1}, {read: 120, cpu: 8, start: 112}},
			outcome{},
		},
		{
			"a restart a moment ago has no rate",
			[]step{{read: 100, cpu: 5, start: 1}, {read: 110, cpu: 0.1, start: 105}},
			outcome{},
		},
		{
			"a moment later it has one between its two readings",
			[]step{{read: 100, cpu: 5, start: 1}, {read: 110, cpu: 0.1, start: 105}, {read: 120, cpu: 1.1, start: 105}},
			outcome{100, 10, 120, true},
		},
		{
			"a reading of the instance before is refused",
			[]step{{read: 100, cpu: 5, start: 50}, {read: 110, cpu: 9, start: 20, want: OlderInstance}},
			outcome{100, 50, 100, true},
		},
		{"a first scrape at a young container", []step{{read: 100, cpu: 3, start: 70}}, outcome{100, 30, 100, true}},
		{"a first scrape at one too young", []step{{read: 100, cpu: 3, start: 91}}, outcome{}},
		{"a first scrape at one just old enough", []step{{read: 100, cpu: 3, start: 90}}, outcome{300, 10, 100, true}},
		{"a first scrape at an old one", []step{{read: 1000, cpu: 3, start: 879}}, outcome{}},
		{"a start after the reading is no beginning", []step{{read: 100, cpu: 3, start: 101}}, outcome{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var c CPUCounter
			var previous int64
			for i, step := range tt.steps {
				received := at(cmp.Or(step.received, step.read))
				if got := c.Accept(step.usage(), ScrapeInfo{Now: received, Previous: previous}); got != step.want {
					t.Errorf("scrape %d: got %s, want %s", i, got, step.want)
				}
				previous = received
			}
			if diff := gocmp.Diff(tt.want, rateOf(&c), gocmp.Comparer(near)); diff != "" {
				t.Errorf("rate (-want +got):\n%s", diff)
			}
		})
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-3 }

// TestValueOfACounter has none where the kubelet reports a rate alone.
func TestValueOfACounter(t *testing.T) {
	var c CPUCounter
	c.Accept(step{read: 100, cpu: 5}.usage(), ScrapeInfo{Now: at(100)})
	if cpu, time := c.Value(); cpu != 5e9 || time != at(100) {
		t.Errorf("the counter has %d at %d", cpu, time)
	}
	var without CPUCounter
	without.Accept(Usage{Rate: Reading{Known: true, Time: at(100), Value: 250e6}}, ScrapeInfo{Now: at(100)})
	if cpu, time := without.Value(); cpu != 0 || time != 0 {
		t.Errorf("a rate alone has %d at %d", cpu, time)
	}
}
