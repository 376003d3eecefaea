package bench

import "context"

// step is a part of the measurement.
type step struct {
	// name is what people choose it by, what says what is done.
	name, what string
	run        func(*subject, context.Context) error
}

// The steps that others are told about.
const (
	stepSteady = "steady"
	stepCalls  = "calls"
)

// steps are those after the start, in their order.
func steps() []step {
	return []step{
		{stepSteady, "steady state without readers", (*subject).steady},
		{stepCalls, "calls one after the other", (*subject).calls},
		{"sustain", "sustained autoscaler's calls", (*subject).sustain},
		{"age", "sample age", (*subject).age},
		{"hung", "sample age beside hung nodes", (*subject).ageBesideHung},
		{"miss", "a missed cycle", (*subject).miss},
		// Last, as a server may not come to itself again.
		{"crowd", "full lists at once", (*subject).crowd},
	}
}

// StepNames are the names of the steps that [Options] can choose.
func StepNames() (names []string) {
	for _, s := range steps() {
		names = append(names, s.name)
	}
	return names
}
