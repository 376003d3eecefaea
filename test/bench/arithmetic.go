package bench

import (
	"math"
	"slices"
	"time"
)

// quantile is the smallest value that at least the share q of all values do not exceed; 0 of none.
func quantile(values []time.Duration, q float64) time.Duration {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	rank := int(math.Ceil(q * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// spent is the CPU that a process used within a time.
type spent struct {
	cpu, elapsed time.Duration
}

// cores is the share of a core that was busy.
func (s spent) cores() float64 {
	if s.elapsed <= 0 {
		return 0
	}
	return float64(s.cpu) / float64(s.elapsed)
}

// each is the CPU of one of n calls in seconds, less the CPU without calls; never negative.
func (s spent) each(n int, idle float64) float64 {
	if n == 0 {
		return 0
	}
	return max(0, s.cpu.Seconds()-idle*s.elapsed.Seconds()) / float64(n)
}

// cycle is the CPU of one scrape of every node in seconds, where so many scrapes were seen.
func (s spent) cycle(nodes, scrapes int) float64 {
	if scrapes == 0 {
		return 0
	}
	return s.cpu.Seconds() * float64(nodes) / float64(scrapes)
}

// seen is how many pods a server had at a time.
type seen struct {
	at   time.Time
	pods int
}

// worst is the smallest number of pods that was seen.
func worst(all []seen) int {
	least := math.MaxInt
	for _, s := range all {
		least = min(least, s.pods)
	}
	return least
}

// below is for how long fewer than want were seen: each observation stands until the next.
func below(all []seen, want int) time.Duration {
	var total time.Duration
	for i := 1; i < len(all); i++ {
		if all[i-1].pods < want {
			total += all[i].at.Sub(all[i-1].at)
		}
	}
	return total
}
