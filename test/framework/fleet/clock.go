package fleet

import (
	"math"
	"strconv"
	"time"
)

// Clock returns the healthy text under times that are ahead of the true ones, or behind them where the offset is negative.
func Clock(ahead time.Duration) Fault {
	return rewrittenSeries("a clock ahead by "+ahead.String(), func(s *series) {
		if at, err := strconv.ParseInt(string(s.time), 10, 64); err == nil {
			s.time = strconv.AppendInt(nil, at+ahead.Milliseconds(), 10)
		}
	})
}

// SteppingClock returns the healthy text under times that are ahead of the true ones and behind them in turn.
func SteppingClock(by time.Duration) Fault {
	f := Alternate(Clock(by), Clock(-by))
	f.path = PathResource
	return f
}

// Ancient returns the healthy text under a time before the Unix epoch.
func Ancient() Fault { return atTime("ancient times", -1) }

// FarFuture returns the healthy text under the last time that the format can have.
func FarFuture() Fault { return atTime("times far ahead", math.MaxInt64) }

func atTime(name string, milliseconds int64) Fault {
	return rewrittenSeries(name, func(s *series) {
		if s.time != nil {
			s.time = strconv.AppendInt(nil, milliseconds, 10)
		}
	})
}
