package loglimit

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestLimiterAllowsEachCodeOncePerInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l Limiter
		for i, step := range []struct {
			after time.Duration
			code  string
			want  bool
		}{{0, "a", true}, {0, "a", false}, {0, "b", true}, {Interval - 1, "a", false}, {1, "a", true}, {0, "b", true}, {0, "a", false}} {
			<-time.After(step.after)
			if got := l.IsNew(step.code); got != step.want {
				t.Errorf("step %d: %q is new: %t, want %t", i, step.code, got, step.want)
			}
		}
	})
}

// TestStateIsLoggedAsItStays has a state change by turns for an hour, and then stay.
func TestStateIsLoggedAsItStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s State
		if s.Set(false) {
			t.Error("the state at the beginning is logged")
		}
		count, last := map[bool]int{}, false
		set := func(to bool) {
			if s.Set(to) {
				count[to]++
				last = to
			}
			<-time.After(time.Second)
		}
		for i := range 3600 {
			set(i%2 == 0)
		}
		for _, to := range []bool{false, true} {
			if n := count[to]; n < 5 || n > 7 {
				t.Errorf("%t was logged %d times in an hour, want once in %s", to, n, Interval)
			}
		}
		for range int(2 * Interval / time.Second) {
			set(true)
		}
		if !last {
			t.Error("the log does not end with the state that stays")
		}
	})
}
