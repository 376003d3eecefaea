package usage

import (
	"math"
	"testing"
	"time"
)

func TestStaleUsageIsNotServed(t *testing.T) {
	second := int64(time.Second)
	seen := start.UnixNano()
	tests := []struct {
		name      string
		maxAge    time.Duration
		freshness Freshness
		now       int64
		fresh     bool
	}{
		{"never confirmed", maxAge, Freshness{}, seen, false},
		{"never confirmed, without a maximum age", 0, Freshness{}, seen, false},
		{"confirmed now", maxAge, Freshness{seen, seen}, seen, true},
		{"at the maximum age", maxAge, Freshness{seen, seen}, seen + 60*second, true},
		{"older", maxAge, Freshness{seen, seen}, seen + 60*second + 1, false},
		{"confirmed, with a reading that stands still", maxAge, Freshness{seen, seen - 120*second}, seen, true},
		{"confirmed, with a reading that stands still for too long", maxAge, Freshness{seen, seen - 120*second - 1}, seen, false},
		{"old, without a maximum age", 0, Freshness{seen, seen}, seen + 1e6*second, true},
		{"before it was confirmed, as the clock was set back", maxAge, Freshness{seen, seen}, seen - 1e6*second, true},
		{"at the longest maximum age that there can be", math.MaxInt64, Freshness{seen, seen}, seen + 1e9*second, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := Staleness{MaxAge: tt.maxAge, Resolution: 15 * time.Second}
			if got := s.IsFresh(tt.freshness, tt.now); got != tt.fresh {
				t.Errorf("fresh: %t, want %t", got, tt.fresh)
			}
			if expiry := s.Expiry(tt.freshness); tt.freshness.Known() && tt.fresh != (tt.now <= expiry) {
				t.Errorf("it expires after %d, and is fresh at %d: %t", expiry, tt.now, tt.fresh)
			}
		})
	}
}

func TestOverdueAfterHalfOfTheMaximumAge(t *testing.T) {
	now := start.UnixNano()
	for age, want := range map[time.Duration]bool{0: false, 30 * time.Second: false, 30*time.Second + 1: true} {
		if got := rule().IsOverdue(freshAt(start.Add(-age)), now); got != want {
			t.Errorf("overdue after %s: %t", age, got)
		}
	}
	if rule().IsOverdue(Freshness{}, now) {
		t.Error("what was never confirmed is overdue")
	}
}

// TestOutage has a longer maximum age, or a longer resolution, make for a longer outage.
func TestOutage(t *testing.T) {
	tests := []struct {
		name               string
		maxAge, resolution time.Duration
		longest            time.Duration
	}{
		{"the usual", time.Minute, 15 * time.Second, 2 * time.Minute},
		{"without a maximum age", 0, 15 * time.Second, 2 * time.Minute},
		{"a long maximum age", time.Hour, 15 * time.Second, time.Hour + time.Minute},
		{"a long resolution", time.Minute, time.Minute, 5 * time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, from := Staleness{MaxAge: tt.maxAge, Resolution: tt.resolution}, start.UnixNano()
			if to := from + int64(tt.longest); s.IsGap(from, to) || !s.IsGap(from, to+1) {
				t.Errorf("an outage is longer than %s", tt.longest)
			}
		})
	}
}
