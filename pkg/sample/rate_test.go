package sample

import (
	"math"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestNewContainerOfAKnownNode has a container that is new to a node that was scraped before.
func TestNewContainerOfAKnownNode(t *testing.T) {
	tests := []struct {
		name            string
		previous, start float64
		want            outcome
	}{
		{"started after the last scrape", 980, 985, outcome{200, 15, 1000, true}},
		{"started before the last scrape, which did not show it", 990, 985, outcome{}},
		{"started after the last scrape, which is long ago", 100, 700, outcome{10, 300, 1000, true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var c CPUCounter
			c.Accept(step{read: 1000, cpu: 3, start: tt.start}.usage(), ScrapeInfo{Now: at(1000), Previous: at(tt.previous)})
			if diff := gocmp.Diff(tt.want, rateOf(&c), gocmp.Comparer(near)); diff != "" {
				t.Errorf("rate (-want +got):\n%s", diff)
			}
		})
	}
}

func TestKubeletRateIsPreferred(t *testing.T) {
	var c CPUCounter
	first := step{read: 100, cpu: 5}.usage()
	first.Rate = Reading{Known: true, Time: first.CPU.Time, Value: 250e6}
	c.Accept(first, ScrapeInfo{Now: at(100)})
	if diff := gocmp.Diff(outcome{250, 15, 100, true}, rateOf(&c)); diff != "" {
		t.Errorf("after one scrape (-want +got):\n%s", diff)
	}
	second := step{read: 110, cpu: 6}.usage()
	second.Rate = Reading{Known: true, Time: second.CPU.Time}
	c.Accept(second, ScrapeInfo{Now: at(110), Previous: at(100)})
	if diff := gocmp.Diff(outcome{100, 10, 110, true}, rateOf(&c)); diff != "" {
		t.Errorf("after a scrape with a zero instead (-want +got):\n%s", diff)
	}
}

func TestKubeletRateBeginsNoEarlierThanTheInstance(t *testing.T) {
	var c CPUCounter
	u := step{read: 100, cpu: 1, start: 88}.usage()
	u.Rate = Reading{Known: true, Time: u.CPU.Time, Value: 250e6}
	c.Accept(u, ScrapeInfo{Now: at(100)})
	if diff := gocmp.Diff(outcome{250, 12, 100, true}, rateOf(&c)); diff != "" {
		t.Errorf("rate (-want +got):\n%s", diff)
	}
}

func TestKubeletRateOfAYoungInstanceIsNotServed(t *testing.T) {
	for start, want := range map[float64]bool{90: true, 90.1: false, 99: false} {
		var c CPUCounter
		u := step{read: 100, cpu: 1, start: start}.usage()
		u.Rate = Reading{Known: true, Time: u.CPU.Time, Value: 250e6}
		c.Accept(u, ScrapeInfo{Now: at(100)})
		if c.AcceptKubeletRate(u, 0) {
			t.Error("the rate was accepted a second time")
		}
		if got := rateOf(&c); (got.Milli == 250) != want {
			t.Errorf("%v seconds after its start it is served with %+v", 100-start, got)
		}
	}
}

// TestKubeletRateOfAnotherResponse is not needed where there is a rate, and not accepted where there is no reading.
func TestKubeletRateOfAnotherResponse(t *testing.T) {
	other := Usage{Rate: Reading{Known: true, Time: at(100), Value: 300e6}}
	var c CPUCounter
	if c.AcceptKubeletRate(other, 0) {
		t.Error("it was accepted without a reading")
	}
	u := step{read: 100, cpu: 1}.usage()
	u.Rate = Reading{Known: true, Time: u.CPU.Time, Value: 250e6}
	c.Accept(u, ScrapeInfo{Now: at(100)})
	if accepted := c.AcceptKubeletRate(other, 0); accepted || rateOf(&c).Milli != 250 {
		t.Errorf("it was accepted %t in the place of the newest reading's, and the rate is %+v", accepted, rateOf(&c))
	}
}

// TestCounterAfterARateWithoutOne has a counter come where there was a rate alone: it is the first reading, also at the same time.
func TestCounterAfterARateWithoutOne(t *testing.T) {
	for _, read := range []float64{100, 110} {
		var c CPUCounter
		c.Accept(Usage{Rate: Reading{Known: true, Time: at(100), Value: 250e6}}, ScrapeInfo{Now: at(100)})
		if got := c.Accept(step{read: read, cpu: 5}.usage(), ScrapeInfo{Now: at(110)}); got != NotRejected {
			t.Errorf("at %v s: %s", read, got)
		}
		if got := rateOf(&c); got.OK {
			t.Errorf("at %v s the rate is %+v", read, got)
		}
	}
}

// TestImplausibleCounterConfirmsNoRate has a counter leap by what one core cannot do, beside a kubelet rate of one and a half cores.
func TestImplausibleCounterConfirmsNoRate(t *testing.T) {
	var c CPUCounter
	c.Accept(step{read: 100, cpu: 5}.usage(), ScrapeInfo{Now: at(200)})
	u := step{read: 110, cpu: 1005}.usage()
	u.Rate = Reading{Known: true, Time: u.CPU.Time, Value: 1500e6}
	c.Accept(u, ScrapeInfo{Now: at(200)})
	if _, got := c.Rate(1e9, 0); got != (RateStatus{Rejected: 1}) {
		t.Errorf("the rates are judged %+v", got)
	}
}

func TestRateSinceStart(t *testing.T) {
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
		{"at the moment of its start", 5, 1, 100, outcome{}},
		{"the counter stood still", 5, 5, 97, outcome{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var c CPUCounter
			c.Accept(step{read: 80, cpu: tt.before, start: 10}.usage(), ScrapeInfo{Now: at(80)})
			c.Accept(step{read: 100, cpu: tt.cpu, start: tt.start}.usage(), ScrapeInfo{Now: at(100), Previous: at(80)})
			r, ok := c.RateSinceStart()
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

// TestRejectedWindowIsForgotten has a counter leap by what no node can do.
func TestRejectedWindowIsForgotten(t *testing.T) {
	var c CPUCounter
	const fourCores = 4e9
	for i, cpu := range []float64{5, 1e6, 1e6 + 1} {
		c.Accept(step{read: 100 + 10*float64(i), cpu: cpu}.usage(), ScrapeInfo{Now: at(200)})
		if i != 1 {
			continue
		}
		if _, v := c.Rate(fourCores, 0); v != (RateStatus{Rejected: 1}) {
			t.Fatalf("the leap is judged %+v", v)
		}
		if _, v := c.Rate(fourCores, 0); v != (RateStatus{Pending: true}) {
			t.Fatalf("the window that was refused still gives %+v", v)
		}
	}
	if diff := gocmp.Diff(outcome{100, 10, 120, true}, rateOf(&c), gocmp.Comparer(near)); diff != "" {
		t.Errorf("rate (-want +got):\n%s", diff)
	}
}

// TestRateIsExact feeds counters far beyond what a float64 holds exactly.
func TestRateIsExact(t *testing.T) {
	var c CPUCounter
	base := uint64(1) << 60
	for i := range uint64(2) {
		u := Usage{CPU: Reading{Known: true, Time: at(100 + 10*float64(i)), Value: base + i*1_234_567_890}}
		c.Accept(u, ScrapeInfo{Now: at(200)})
	}
	if r, _ := c.Rate(0, 0); r.Nanocores != 123_456_789 {
		t.Errorf("got %d nanocores, want 123456789", r.Nanocores)
	}
}

// TestTimesInWholeSeconds has counters rise by what is more than ten times the capacity of one core, unless the window is longer than its times: it
// may be, by a second at each end, where both times are whole seconds.
func TestTimesInWholeSeconds(t *testing.T) {
	for _, tt := range []struct {
		name          string
		from, to, cpu float64
		rejected      int
	}{
		{"at both ends", 100, 104, 60, 0},
		{"at both ends, and more than that", 100, 104, 61, 1},
		{"at the beginning", 100, 104.5, 60, 1},
		{"at the end", 99.5, 104, 60, 1},
		{"at neither end", 99.5, 104.5, 60, 1},
		{"at neither end, and less", 99.5, 104.5, 50, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var c CPUCounter
			c.Accept(step{read: tt.from, cpu: 5}.usage(), ScrapeInfo{Now: at(200)})
			c.Accept(step{read: tt.to, cpu: 5 + tt.cpu}.usage(), ScrapeInfo{Now: at(200)})
			if _, got := c.Rate(1e9, 0); got.Rejected != tt.rejected || got.OK == (tt.rejected > 0) {
				t.Errorf("the rate is judged %+v", got)
			}
		})
	}
}

// TestCapacitiesThatAreHuge multiplies none of them.
func TestCapacitiesThatAreHuge(t *testing.T) {
	for _, tt := range []struct {
		used, capacity uint64
		want           bool
	}{
		{1<<63 + 1, 1 << 62, false},
		{math.MaxUint64, math.MaxUint64, false},
		{math.MaxUint64, math.MaxUint64 / 10, true},
		{41, 4, true},
		{40, 4, false},
		{math.MaxUint64, 0, false},
	} {
		if got := IsImplausible(tt.used, tt.capacity); got != tt.want {
			t.Errorf("%d of %d is implausible: %t, want %t", tt.used, tt.capacity, got, tt.want)
		}
	}
}

func TestRateAboveTheCapacity(t *testing.T) {
	for used, want := range map[uint64]bool{99: false, 100: false, 101: false, 110: false, 111: true, math.MaxUint64: true} {
		if got := exceeds(used, 100); got != want {
			t.Errorf("%d of 100 exceeds the capacity: %t, want %t", used, got, want)
		}
		if exceeds(used, 0) {
			t.Errorf("%d exceeds a capacity that is not known", used)
		}
	}
}
