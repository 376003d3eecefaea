package bench

import (
	"context"
	"slices"
)

// step is a part of the measurement.
type step struct {
	// name selects the step in --steps, what describes it.
	name, what string
	run        func(*subject, context.Context) error
	// once is true where one round is enough: the step is long, and what it shows hardly follows the machine's speed.
	once bool
}

// The steps that other packages name.
const (
	stepSteady = "steady"
	stepCalls  = "calls"
)

// steps are those after the start, in their order.
func steps() []step {
	return []step{
		{name: stepSteady, what: "steady state without readers", run: (*subject).steady},
		{name: stepCalls, what: "calls one after the other", run: (*subject).calls},
		{name: "sustain", what: "sustained autoscaler's calls", run: (*subject).sustain},
		{name: "age", what: "sample age", run: (*subject).age, once: true},
		{name: "hung", what: "sample age with hung nodes", run: (*subject).ageBesideHung, once: true},
		{name: "miss", what: "a missed cycle", run: (*subject).miss, once: true},
		// Last, as a server may not come to itself again.
		{name: "lists", what: "full lists at once", run: (*subject).fullLists, once: true},
	}
}

// chosen are the steps to take in a round, the first of which is 0.
func (o Options) chosen(round int) []step {
	return slices.DeleteFunc(steps(), func(s step) bool {
		return len(o.Steps) > 0 && !slices.Contains(o.Steps, s.name) || s.once && round > 0
	})
}

// StepNames are the names of the steps that [Options] can choose.
func StepNames() (names []string) {
	for _, s := range steps() {
		names = append(names, s.name)
	}
	return names
}
