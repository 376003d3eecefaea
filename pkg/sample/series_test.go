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

// step is one look: the CPU counter in core-seconds, when it was read and when its life began (0: unknown).
type step struct {
	read, cpu, start float64
	// received is when the answer arrived; 0 for the time of reading.
	received float64
	want     Reason
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

func rateOf(s *Series) outcome {
	r, v := s.Rate(Evidence{})
	if !v.OK {
		return outcome{}
	}
	seconds := func(ns int64) float64 { return math.Round(float64(ns)/1e6) / 1e3 }
	return outcome{Milli: float64(r.Nanocores) / 1e6, Window: seconds(r.To - r.From), End: seconds(r.To - epoch), OK: true}
}

func TestSeries(t *testing.T) {
	tests := []struct {
		name  string
		steps []step
		want  outcome
	}{
		{"nothing seen", nil, outcome{}},
		{"one look at a counter without a start", []step{{read: 100, cpu: 5}}, outcome{}},
		{"two looks", []step{{read: 100, cpu: 5}, {read: 110, cpu: 6}}, outcome{100, 10, 110, true}},
		{"the window moves on", []step{{read: 100, cpu: 5}, {read: 110, cpu: 6}, {read: 120, cpu: 9}}, outcome{300, 10, 120, true}},
		{"a missed look makes a longer window", []step{{read: 100, cpu: 5}, {read: 140, cpu: 9}}, outcome{100, 40, 140, true}},
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
		{"a counter that falls begins a new life", []step{{read: 100, cpu: 5}, {read: 110, cpu: 6}, {read: 120, cpu: 1}}, outcome{}},
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
			"a start that was stamped anew makes no spike",
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
			"a reading of the life before is refused",
			[]step{{read: 100, cpu: 5, start: 50}, {read: 110, cpu: 9, start: 20, want: OlderLife}},
			outcome{100, 50, 100, true},
		},
		{"a first look at a young container", []step{{read: 100, cpu: 3, start: 70}}, outcome{100, 30, 100, true}},
		{"a first look at one too young", []step{{read: 100, cpu: 3, start: 91}}, outcome{}},
		{"a first look at one just old enough", []step{{read: 100, cpu: 3, start: 90}}, outcome{300, 10, 100, true}},
		{"a first look at an old one", []step{{read: 1000, cpu: 3, start: 879}}, outcome{}},
		{"a start after the reading is no beginning", []step{{read: 100, cpu: 3, start: 101}}, outcome{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s Series
			var previous int64
			for i, step := range tt.steps {
				received := at(cmp.Or(step.received, step.read))
				if got := s.Accept(step.usage(), Look{Now: received, Previous: previous}); got != step.want {
					t.Errorf("look %d: got %s, want %s", i, got, step.want)
				}
				previous = received
			}
			if diff := gocmp.Diff(tt.want, rateOf(&s), gocmp.Comparer(near)); diff != "" {
				t.Errorf("rate (-want +got):\n%s", diff)
			}
		})
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-3 }

// TestSeriesOfNewContainer has a container that is new to a node that was looked at before.
func TestSeriesOfNewContainer(t *testing.T) {
	tests := []struct {
		name            string
		previous, start float64
		want            outcome
	}{
		{"started after the last look", 980, 985, outcome{200, 15, 1000, true}},
		{"started before the last look, which did not show it", 990, 985, outcome{}},
		{"started after the last look, which is long ago", 100, 700, outcome{10, 300, 1000, true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s Series
			s.Accept(step{read: 1000, cpu: 3, start: tt.start}.usage(), Look{Now: at(1000), Previous: at(tt.previous)})
			if diff := gocmp.Diff(tt.want, rateOf(&s), gocmp.Comparer(near)); diff != "" {
				t.Errorf("rate (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSeriesPrefersTheKubeletsRateWhereItIsGiven(t *testing.T) {
	var s Series
	first := step{read: 100, cpu: 5}.usage()
	first.Rate = Reading{Known: true, Time: first.CPU.Time, Value: 250e6}
	s.Accept(first, Look{Now: at(100)})
	if diff := gocmp.Diff(outcome{250, 15, 100, true}, rateOf(&s)); diff != "" {
		t.Errorf("after one look (-want +got):\n%s", diff)
	}
	second := step{read: 110, cpu: 6}.usage()
	second.Rate = Reading{Known: true, Time: second.CPU.Time}
	s.Accept(second, Look{Now: at(110), Previous: at(100)})
	if diff := gocmp.Diff(outcome{100, 10, 110, true}, rateOf(&s)); diff != "" {
		t.Errorf("after a look with a zero instead (-want +got):\n%s", diff)
	}
}

func TestTheKubeletsRateBeginsNoEarlierThanTheLife(t *testing.T) {
	var s Series
	u := step{read: 100, cpu: 1, start: 88}.usage()
	u.Rate = Reading{Known: true, Time: u.CPU.Time, Value: 250e6}
	s.Accept(u, Look{Now: at(100)})
	if diff := gocmp.Diff(outcome{250, 12, 100, true}, rateOf(&s)); diff != "" {
		t.Errorf("rate (-want +got):\n%s", diff)
	}
}

func TestTheKubeletsRateOfAYoungLifeIsNotBelieved(t *testing.T) {
	var s Series
	u := step{read: 100, cpu: 1, start: 91}.usage()
	u.Rate = Reading{Known: true, Time: u.CPU.Time, Value: 250e6}
	s.Accept(u, Look{Now: at(100)})
	if s.Suggest(u, Evidence{}) {
		t.Error("the suggestion was taken")
	}
	if got := rateOf(&s); got.OK {
		t.Errorf("nine seconds after its start it is served with %+v", got)
	}
}

func TestSinceStart(t *testing.T) {
	tests := []struct {
		name        string
		before, cpu float64
		start       float64
		want        outcome
	}{
		{"three seconds old", 5, 1, 97, outcome{100, 10, 100, true}},
		{"old enough for a rate", 5, 1, 90, outcome{}},
		{"the counter went on", 5, 6, 97, outcome{}},
		{"about to start", 5, 1, 101, outcome{}},
		{"the counter stood still", 5, 5, 97, outcome{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s Series
			s.Accept(step{read: 80, cpu: tt.before, start: 10}.usage(), Look{Now: at(80)})
			s.Accept(step{read: 100, cpu: tt.cpu, start: tt.start}.usage(), Look{Now: at(100), Previous: at(80)})
			r, ok := s.SinceStart()
			got := outcome{Milli: float64(r.Nanocores) / 1e6, Window: float64(r.To-r.From) / 1e9, End: float64(r.To-epoch) / 1e9, OK: true}
			if !ok {
				got = outcome{}
			}
			if diff := gocmp.Diff(tt.want, got, gocmp.Comparer(near)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSeriesForgetsAWindowThatItRefused has a counter leap by what no node can do.
func TestSeriesForgetsAWindowThatItRefused(t *testing.T) {
	var s Series
	four := Evidence{Capacity: 4e9}
	for i, cpu := range []float64{5, 1e6, 1e6 + 1} {
		s.Accept(step{read: 100 + 10*float64(i), cpu: cpu}.usage(), Look{Now: at(200)})
		if i != 1 {
			continue
		}
		if _, v := s.Rate(four); v != (Verdict{Refused: 1}) {
			t.Fatalf("the leap is judged %+v", v)
		}
		if _, v := s.Rate(four); v != (Verdict{Waits: true}) {
			t.Fatalf("the window that was refused still gives %+v", v)
		}
	}
	if diff := gocmp.Diff(outcome{100, 10, 120, true}, rateOf(&s), gocmp.Comparer(near)); diff != "" {
		t.Errorf("rate (-want +got):\n%s", diff)
	}
}

// TestSeriesKeepsTheRateExact feeds counters far beyond what a float64 holds exactly.
func TestSeriesKeepsTheRateExact(t *testing.T) {
	var s Series
	base := uint64(1) << 60
	for i := range uint64(2) {
		u := Usage{CPU: Reading{Known: true, Time: at(100 + 10*float64(i)), Value: base + i*1_234_567_890}}
		s.Accept(u, Look{Now: at(200)})
	}
	if r, _ := s.Rate(Evidence{}); r.Nanocores != 123_456_789 {
		t.Errorf("got %d nanocores, want 123456789", r.Nanocores)
	}
}

func TestReasonNames(t *testing.T) {
	seen := map[string]bool{}
	for r := range reasons {
		name := r.String()
		if name == "" || name == "unknown" || seen[name] {
			t.Errorf("reason %d is called %q", r, name)
		}
		seen[name] = true
	}
	if got := reasons.String(); got != "unknown" {
		t.Errorf("a reason that does not exist is called %q", got)
	}
}

func TestRejections(t *testing.T) {
	var a, b Rejections
	a.Add(Future)
	a.Add(Accepted)
	b.Add(Future)
	b.Add(Foreign)
	a.Merge(b)
	if want := (Rejections{Future: 2, Foreign: 1}); a != want || a.Total() != 3 {
		t.Errorf("got %v with %d in total, want %v", a, a.Total(), want)
	}
}
