package sinks

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/engines"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// way is one by which usage reaches an engine, and how it is read there.
type way struct {
	name, sink string
	// read returns the series of a metric since a time.
	read func(ctx context.Context, metric string, since time.Time) ([]engines.Series, error)
	// labels are those of the namespace, the pod and the container.
	labels []string
	// rate is the metric of the CPU rate, empty where the engine computes it; counter that of the CPU time, and memory that of the working set.
	rate, counter, memory string
	// cores and seconds are what a unit of the rate, and of the counter, is.
	cores, seconds float64
}

// TestEveryWayHasTheSameNumbers writes the same usage in seven ways at once: each has the fleet's numbers, and all have the same readings.
func TestEveryWayHasTheSameNumbers(t *testing.T) {
	ways := allWays(t)
	sinks := make([]string, len(ways))
	for i, w := range ways {
		sinks[i] = w.sink
	}
	begin := time.Now()
	serverWith(t, nil, sinks...)
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			poll.Eventually(t, time.Until(begin.Add(90*time.Second)), func(ctx context.Context) error {
				worst, err := w.compare(ctx, begin)
				if err == nil {
					t.Logf("%d containers, the worst is off by %.3f %%", pods*containersPerPod, 100*worst)
				}
				return err
			})
		})
	}
	if t.Failed() {
		return
	}
	poll.Eventually(t, time.Minute, func(ctx context.Context) error {
		readings, err := sameReadings(ctx, ways, begin)
		if err == nil {
			t.Logf("all %d ways have the same %d readings of the CPU time of %d containers", len(ways), readings, pods*containersPerPod)
		}
		return err
	})
}

// compare compares the values of each container with the fleet's, and returns by how much the worst is off.
func (w way) compare(ctx context.Context, begin time.Time) (worst float64, err error) {
	rates, err := w.rates(ctx, begin)
	if err != nil {
		return 0, err
	}
	memory, err := w.byContainer(ctx, w.memory, begin)
	if err != nil {
		return 0, err
	}
	for _, p := range env.Fleet.Pods() {
		for _, c := range p.Containers {
			key := p.Namespace + "/" + p.Name + "/" + c.Name
			far, err := off(rates[key], c.CPU, w.least())
			if err != nil {
				return 0, fmt.Errorf("CPU of %s: %w", key, err)
			}
			if got := memory[key].Last().Value; got != float64(c.Memory) {
				return 0, fmt.Errorf("memory of %s: %v instead of %d", key, got, c.Memory)
			}
			worst = max(worst, far)
		}
	}
	return worst, nil
}

// least is by how many cores a rate is off by rounding.
func (w way) least() float64 {
	if w.cores < 1 {
		return w.cores / 2
	}
	return 0
}

// rates are the CPU rates of containers, in cores: those that were written, or those between the first and the last reading of the CPU time.
func (w way) rates(ctx context.Context, begin time.Time) (map[string]float64, error) {
	metric := w.rate
	if metric == "" {
		metric = w.counter
	}
	all, err := w.byContainer(ctx, metric, begin)
	if err != nil {
		return nil, err
	}
	rates := map[string]float64{}
	for key, s := range all {
		switch first, last := s.Points[0], s.Last(); {
		case w.rate != "":
			rates[key] = last.Value * w.cores
		case len(s.Points) > 1:
			rates[key] = (last.Value - first.Value) * w.seconds / last.Time.Sub(first.Time).Seconds()
		}
	}
	return rates, nil
}

// byContainer are the series of a metric by namespace, pod and container. Fewer than there are containers is an error.
func (w way) byContainer(ctx context.Context, metric string, since time.Time) (map[string]engines.Series, error) {
	all, err := w.read(ctx, metric, since)
	if err != nil {
		return nil, err
	}
	found, err := engines.ByKey(all, w.labels...)
	if err == nil && len(found) != pods*containersPerPod {
		err = fmt.Errorf("%d series of %s, want %d", len(found), metric, pods*containersPerPod)
	}
	return found, err
}

// settled is how long a reading may take to arrive everywhere.
const settled = 10 * time.Second

// sameReadings compares the readings of the CPU time that each way has of each container, from the first that all have on, and returns how many there are.
func sameReadings(ctx context.Context, ways []way, begin time.Time) (readings int, err error) {
	until := time.Now().Add(-settled)
	var first map[string]engines.Series
	for i, w := range ways {
		all, err := w.byContainer(ctx, w.counter, begin)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", w.name, err)
		}
		for key, s := range all {
			s.Points = within(s.Points, until, w.seconds)
			all[key] = s
			if i == 0 {
				readings += len(s.Points)
				continue
			}
			if err := samePoints(first[key].Points, s.Points); err != nil {
				return 0, fmt.Errorf("%s in %s and in %s: %w", key, ways[0].name, w.name, err)
			}
		}
		if i == 0 {
			first = all
		}
	}
	if readings < 5*pods*containersPerPod {
		return 0, fmt.Errorf("only %d readings", readings)
	}
	return readings, nil
}

// within are the points until a time, in seconds of CPU time, and at whole milliseconds.
func within(points []engines.Point, until time.Time, unit float64) (kept []engines.Point) {
	for _, p := range points {
		if p.Time.Before(until) {
			kept = append(kept, engines.Point{Time: p.Time.Truncate(time.Millisecond), Value: p.Value * unit})
		}
	}
	return kept
}

var errDiffer = errors.New("the readings differ")

func samePoints(a, b []engines.Point) error {
	if len(a) != len(b) {
		return fmt.Errorf("%w: %d and %d: %v and %v", errDiffer, len(a), len(b), a, b)
	}
	for i := range a {
		if !a[i].Time.Equal(b[i].Time) || math.Abs(a[i].Value-b[i].Value) > 1e-6 {
			return fmt.Errorf("%w: %v and %v", errDiffer, a[i], b[i])
		}
	}
	return nil
}
