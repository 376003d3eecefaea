package loglimit

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestEventIsNewOncePerInterval(t *testing.T) {
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

// TestStateIsLoggedAsItStays has a state alternate for an hour, and then stay, together with another subject.
func TestStateIsLoggedAsItStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l Limiter
		if l.Set("scraping", "") {
			t.Error("the state at the beginning is logged")
		}
		count, last := map[string]int{}, ""
		set := func(to string) {
			if l.Set("scraping", to) {
				count[to]++
				last = to
			}
			if l.Set("clock", "") {
				t.Error("a subject that never changed is logged")
			}
			<-time.After(time.Second)
		}
		states := []string{"timeout", "forbidden", ""}
		for i := range 3600 {
			set(states[i%3])
		}
		for _, to := range states {
			if n := count[to]; n < 5 || n > 7 {
				t.Errorf("%q was logged %d times in an hour, want once in %s", to, n, Interval)
			}
		}
		for range int(2 * Interval / time.Second) {
			set("timeout")
		}
		if last != "timeout" {
			t.Errorf("the log ends with %q, not with the state that stays", last)
		}
	})
}

// TestStateThatReturnsIsLoggedInTheEnd has a state go and come back within Interval, and stay: it is logged once more when Interval has passed.
func TestStateThatReturnsIsLoggedInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l Limiter
		for i, step := range []struct {
			after time.Duration
			state string
			want  bool
		}{
			{0, "a", true}, {time.Minute, "b", true}, {time.Minute, "a", false}, {Interval - 2*time.Minute - 1, "a", false},
			{1, "a", true}, {0, "a", false}, {2 * Interval, "a", false},
		} {
			<-time.After(step.after)
			if got := l.Set("scraping", step.state); got != step.want {
				t.Errorf("step %d: %q is to be logged: %t, want %t", i, step.state, got, step.want)
			}
		}
	})
}
