package fleet

import (
	"math"
	"math/bits"
	"time"
)

// instantWindow is the window of a rate where readings are made on demand, in nanoseconds.
const instantWindow = int64(10 * time.Second)

// cgroupReading is one reading of a cgroup.
type cgroupReading struct {
	// time is when it was made, in Unix nanoseconds.
	time int64
	// cpu is the counter in nanoseconds; rate is the average since the reading before, in nanocores.
	cpu, rate uint64
	// memory and swap are in bytes.
	memory, swap uint64
	// rated is false where there is no reading before.
	rated bool
}

// read returns what a kubelet reports in a response at now of a cgroup.
func (u *usage) read(r rhythm, readings Readings, now int64) cgroupReading {
	at, before := now, max(u.began, now-instantWindow)
	if readings == Housekeeping {
		if latest := r.latest(now); latest >= u.began {
			at, before = latest, r.latest(latest-1)
		} else {
			before = now
		}
	}
	s := u.at(at)
	l := cgroupReading{time: at, memory: s.memory, swap: s.swap}
	l.cpu, _ = s.counter(at)
	switch {
	case before < u.began:
		// The first reading of all: cAdvisor reports 0 here.
		l.rated = true
	case before < at:
		earlier, _ := u.at(before).counter(before)
		l.rate, l.rated = perSecond(l.cpu-earlier, at-before), true
	}
	return l
}

// perSecond returns the rate in nanocores of a counter that moved by cpu nanoseconds in the given time, in nanoseconds.
func perSecond(cpu uint64, elapsed int64) uint64 {
	high, low := bits.Mul64(cpu, nano)
	if high >= uint64(elapsed) {
		return math.MaxUint64
	}
	rate, _ := bits.Div64(high, low, uint64(elapsed))
	return rate
}

// plus adds two cgroups that are read together.
func (l cgroupReading) plus(o cgroupReading) cgroupReading {
	l.cpu, l.rate = l.cpu+o.cpu, l.rate+o.rate
	l.memory, l.swap = l.memory+o.memory, l.swap+o.swap
	l.rated = l.rated && o.rated
	return l
}
