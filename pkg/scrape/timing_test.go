package scrape

import (
	"fmt"
	"testing"
	"time"
)

func TestTimingKeepsItsOffset(t *testing.T) {
	const resolution = 15 * time.Second
	s := newTiming("node-1", resolution)
	now := time.Unix(1_785_924_000, 123)
	for range 5 {
		now = now.Add(s.next(now, 0))
		if got := time.Duration(now.UnixNano()) % resolution; got != s.offset {
			t.Fatalf("scraped %s after a multiple of the resolution, want %s", got, s.offset)
		}
	}
	if a, b := newTiming("a", resolution), newTiming("a", resolution); a.offset != b.offset {
		t.Error("one name has two offsets")
	}
}

func TestTimingsSpread(t *testing.T) {
	const resolution, nodes, slots = 15 * time.Second, 1000, 10
	var counts [slots]int
	for i := range nodes {
		s := newTiming(fmt.Sprintf("node-%04d", i), resolution)
		counts[s.offset*slots/resolution]++
		if first := s.initialDelay(); first >= initialSpread {
			t.Errorf("first scrape after %s", first)
		}
	}
	for slot, n := range counts {
		if n < nodes/slots/2 || n > nodes/slots*2 {
			t.Errorf("%d nodes in slot %d of %d, want about %d", n, slot, slots, nodes/slots)
		}
	}
}

func TestTimingNext(t *testing.T) {
	const resolution = 15 * time.Second
	s := timing{resolution: resolution}
	tick := time.Unix(1_785_924_000, 0).Truncate(resolution)
	tests := []struct {
		name     string
		timing   timing
		failures int
		want     time.Duration
	}{
		{"after a success", s, 0, resolution},
		{"after one failure", s, 1, resolution},
		{"after two", s, 2, resolution},
		{"after three", s, 3, resolution},
		{"after four", s, 4, 2 * resolution},
		{"after five", s, 5, 3 * resolution},
		{"after many", s, 1000, maxBackOff},
		{"after many at a coarse resolution", timing{resolution: time.Hour}, 1000, time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.timing.next(tick, tt.failures); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	if got, want := s.next(tick.Add(-time.Second), 0), resolution+time.Second; got != want {
		t.Errorf("a second before its time the next scrape comes after %s, want %s", got, want)
	}
}
