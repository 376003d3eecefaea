package observe

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Bounds are what an observation is compared with. A zero field bounds nothing.
type Bounds struct {
	// Age is how old the usage of others may become.
	Age time.Duration
	// Call is how long 99 in 100 of the calls of each client take at most.
	Call time.Duration
	// Peak is how large the resident memory may become, in bytes.
	Peak uint64
}

// AgeLimit is how old usage may become at a resolution where nothing holds up its scrapes: 2 s for a follow-up and the scrape, and 1 s because the
// API gives times in whole seconds, which makes them up to one second older than they are.
func AgeLimit(resolution time.Duration) time.Duration {
	return resolution + 2*time.Second + time.Second
}

// Late returns which times are over their bounds; nil for none. They depend on what else the machine does.
func (b Bounds) Late(o *Observation) error {
	var late []error
	if b.Age > 0 && o.Age > b.Age {
		late = append(late, fmt.Errorf("the oldest usage of others is %s old, want at most %s", o.Age, b.Age))
	}
	for _, client := range slices.Sorted(maps.Keys(o.Calls)) {
		if p99 := o.Calls[client].Percentile(99); b.Call > 0 && p99 > b.Call {
			late = append(late, fmt.Errorf("1 in 100 calls of %s took %s or more, want at most %s", client, p99, b.Call))
		}
	}
	return errors.Join(late...)
}

// Broken returns what is wrong and does not depend on the machine; nil for nothing: failures, memory, the end of the process, an observer that made
// no request.
func (b Bounds) Broken(o *Observation) error {
	var broken []error
	for _, name := range slices.Sorted(maps.Keys(o.Failures)) {
		errs := o.Failures[name]
		broken = append(broken, fmt.Errorf("%s: %d of %d failed, the first with: %w", name, len(errs), o.Counts[name], errs[0]))
	}
	if b.Peak > 0 && o.Process.Peak > b.Peak {
		broken = append(broken, fmt.Errorf("the server had %d MiB of memory, want at most %d", o.Process.Peak>>20, b.Peak>>20))
	}
	if o.Ended {
		broken = append(broken, errors.New("the server has ended"))
	}
	if len(o.Counts) == 0 {
		broken = append(broken, errors.New("nothing was observed"))
	}
	return errors.Join(broken...)
}
