package truth

import (
	"math"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

const (
	// freshWindow is the shortest window since a start, and that of an instance which ends before it is so old. kubeletWindow is named with a
	// kubelet's own rate.
	freshWindow, kubeletWindow = int64(10 * time.Second), int64(15 * time.Second)
	// apart is how far the response with a kubelet's own rate may be from the one with the other values.
	apart = int64(20 * time.Second)
	// nanocoresOff is how far a rate may be off by rounding: of the rate, and of the two counters, which the text has as floating-point numbers.
	nanocoresOff = 2
	// windowOff is how far a window may be off by rounding, in nanoseconds: a start time is a floating-point number of seconds.
	windowOff = int64(time.Microsecond)
)

// value is what was served of one container or node: nanocores and bytes.
type value struct{ cpu, memory uint64 }

// window is one that explains a value: its end and its length, in nanoseconds.
type window struct{ end, length int64 }

// explain returns the windows that explain a value, which are no longer than longest.
func explain(readings []fleet.Reading, v value, longest int64) (found []window) {
	for i, to := range readings {
		if to.Memory != v.memory {
			continue
		}
		end := to.Reported()
		for _, from := range readings[:i] {
			length := end - from.Reported()
			if from.Start == to.Start && length > 0 && isRate(v.cpu, to.CPU-from.CPU, length) {
				found = append(found, window{end, length})
			}
		}
		found = append(found, sinceStart(to, v)...)
		found = append(found, kubeletRate(readings, to, v)...)
	}
	return shorter(found, longest)
}

// sinceStart are the windows that begin with the instance.
func sinceStart(to fleet.Reading, v value) (found []window) {
	end := to.Reported()
	for _, start := range starts(to) {
		age := end - start
		if age >= freshWindow && isRate(v.cpu, to.CPU, age) {
			found = append(found, window{end, age})
		}
		if age < freshWindow && isRate(v.cpu, to.CPU, freshWindow) {
			found = append(found, window{end, freshWindow})
		}
	}
	return found
}

// kubeletRate are the windows of a rate that the kubelet computed.
func kubeletRate(readings []fleet.Reading, to fleet.Reading, v value) (found []window) {
	end := to.Reported()
	for _, r := range readings {
		if !r.Summary || r.Start != to.Start || r.Rate != v.cpu || max(r.Time-to.Time, to.Time-r.Time) > apart {
			continue
		}
		found = append(found, window{end, kubeletWindow})
		for _, start := range starts(to) {
			found = append(found, window{end, end - start})
		}
	}
	return found
}

// starts are the start of an instance as the two endpoints write it.
func starts(r fleet.Reading) []int64 { return []int64{r.Start, r.Start - r.Start%int64(time.Second)} }

func isRate(got, cpu uint64, length int64) bool {
	return math.Abs(float64(cpu)/float64(length)*1e9-float64(got)) <= nanocoresOff
}

// shorter are the windows that are no longer than longest.
func shorter(all []window, longest int64) (found []window) {
	for _, w := range all {
		if w.length <= longest+windowOff {
			found = append(found, w)
		}
	}
	return found
}
