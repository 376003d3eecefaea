// Package growth decides whether what a process holds goes on to grow: its memory, its goroutines, its open files.
//
// A leak shows as a level that is higher in the last third of a run than in the first, however much the values vary within each. Two levels are
// compared: the median, which a leak moves and a burst does not, and the largest value.
package growth

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Allowance is by how much a level may be higher in the last third: by a share of that of the first, and by an amount.
type Allowance struct{ Share, Amount float64 }

// Any allows any growth, of a level that says nothing.
func Any() Allowance { return Allowance{Share: math.Inf(1)} }

func (a Allowance) of(level float64) float64 { return level*(1+a.Share) + a.Amount }

// Figure is a measure of what a process holds.
type Figure struct {
	Name string
	// Unit is what one unit of the figure is in the values that are recorded: 1<<20 for mebibytes of values in bytes.
	Unit float64
	// Bursts is true where bursts may last for more than half of a third: the lower quartile is compared instead of the median.
	Bursts bool
	// Median and Largest are the allowances of the two levels, in units of the figure.
	Median, Largest Allowance
}

// Record has the values of a figure over time.
type Record struct {
	Figure
	points []point
}

type point struct {
	at    time.Duration
	value float64
}

// Add records a value, measured at a time since the beginning of the run.
func (r *Record) Add(at time.Duration, value float64) {
	r.points = append(r.points, point{at, value / r.Unit})
}

// String has the values in the order of time, without their fractions.
func (r *Record) String() string {
	var b strings.Builder
	for _, p := range r.points {
		fmt.Fprintf(&b, " %.0f", p.value)
	}
	return r.Name + ":" + b.String()
}

// Growth is the level of a figure in the first and in the last third of a run.
type Growth struct {
	Figure
	First, Last Level
}

// Level is that of one third. Median is the lower quartile for a figure with bursts.
type Level struct{ Median, Largest float64 }

// String has the two values, as a table shows them.
func (l Level) String() string { return fmt.Sprintf("%.0f, %.0f", l.Median, l.Largest) }

// Over compares the thirds of a run of some length. An error says that one of them has no values.
func (r *Record) Over(length time.Duration) (Growth, error) {
	first, last := r.within(0, length/3), r.within(length-length/3, length)
	if len(first) == 0 || len(last) == 0 {
		return Growth{}, fmt.Errorf("%s was measured %d times in the first third and %d times in the last", r.Name, len(first), len(last))
	}
	return Growth{r.Figure, r.levelOf(first), r.levelOf(last)}, nil
}

func (r *Record) within(from, to time.Duration) (values []float64) {
	for _, p := range r.points {
		if p.at >= from && p.at <= to {
			values = append(values, p.value)
		}
	}
	return values
}

func (f Figure) levelOf(values []float64) Level {
	slices.Sort(values)
	middle := len(values) / 2
	if f.Bursts {
		middle /= 2
	}
	return Level{Median: values[middle], Largest: values[len(values)-1]}
}

// Err is an error where a level is higher than allowed.
func (g Growth) Err() error {
	var errs []error
	if most := g.Median.of(g.First.Median); g.Last.Median > most {
		middle := map[bool]string{false: "median", true: "lower quartile"}[g.Bursts]
		errs = append(errs, fmt.Errorf("%s: the %s grew from %.1f to %.1f, want at most %.1f", g.Name, middle, g.First.Median, g.Last.Median, most))
	}
	if most := g.Largest.of(g.First.Largest); g.Last.Largest > most {
		errs = append(errs, fmt.Errorf("%s: the largest value grew from %.1f to %.1f, want at most %.1f", g.Name, g.First.Largest, g.Last.Largest, most))
	}
	return errors.Join(errs...)
}

// String is the row of a table: the figure, then median and largest of the first third and of the last.
func (g Growth) String() string {
	return fmt.Sprintf("%-28s first third %8.1f, at most %8.1f; last third %8.1f, at most %8.1f",
		g.Name, g.First.Median, g.First.Largest, g.Last.Median, g.Last.Largest)
}
