package faults

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/report"
)

// rotation chooses the nodes whose kubelets attack. In the full form each attack has other nodes than those before it, so that it need not wait until Plimsoll
// scrapes the earlier attackers as often as the other nodes again.
type rotation struct {
	taken int
	// ended has when each of these nodes last attacked.
	ended map[string]time.Time
}

// attackers chooses for all tests. They do not run in parallel.
var attackers = rotation{ended: map[string]time.Time{}}

// take returns n nodes. The last node of the fleet is none of them, as other kubelets attack with its certificate.
func (r *rotation) take(n int) []string {
	if !isFull {
		return first(n)
	}
	all := first(nodes - 1)
	names := make([]string, n)
	for i := range names {
		names[i] = all[r.taken%len(all)]
		r.taken++
	}
	return names
}

// end notes that an attack has ended.
func (r *rotation) end(names []string) {
	if !isFull {
		return
	}
	for _, name := range names {
		r.ended[name] = time.Now()
	}
}

// recovering are the nodes whose attack ended so short a time ago that they may still be scraped less often, without those that attack next.
func (r *rotation) recovering(next []string) (names []string) {
	for name, at := range r.ended {
		if time.Since(at) < settling && !slices.Contains(next, name) {
			names = append(names, name)
		}
	}
	return names
}

// checkRecovered waits until every node is served with fresh usage, those that attacked too, and reports how long that takes from the end of the last attack. It
// is the same check for all attacks of a run.
func (r *rotation) checkRecovered(ctx context.Context) error {
	if len(r.ended) == 0 {
		return nil
	}
	begin := time.Now()
	if err := settled(ctx); err != nil {
		return fmt.Errorf("of %d nodes that attacked, not all are served as before: %w", len(r.ended), err)
	}
	return report.Keep(report.Row{Table: "recovery", Name: "run of " + begin.UTC().Format("2006-01-02 15:04 UTC"), Figures: []report.Figure{
		{Heading: "nodes that attacked", Value: float64(len(r.ended)), Unit: report.Count},
		{Heading: "of them served as before", Value: float64(len(r.ended)), Unit: report.Count},
		{Heading: "after the last attack", Value: time.Since(begin).Seconds(), Unit: report.Seconds},
	}})
}
