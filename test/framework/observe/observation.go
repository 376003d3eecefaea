package observe

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Observation is what observers measured. Once Run has returned it, its fields may be read.
type Observation struct {
	mu sync.Mutex
	// mu guards what follows until the observers have ended.

	// Age is that of the oldest usage that Ages saw.
	Age time.Duration
	// Calls are how long the calls of each client took, by the client's name, failed ones too.
	Calls map[string]Durations
	// Failures are the errors of each observer, and Counts how many requests it sent, by its name.
	Failures map[string][]error
	Counts   map[string]int
	// Series are the largest values of Plimsoll's own metrics.
	Series Series
	// Process is what the process of the server took, and Ended is true where it has ended.
	Process Process
	Ended   bool
}

func newObservation() *Observation {
	return &Observation{Calls: map[string]Durations{}, Failures: map[string][]error{}, Counts: map[string]int{}, Series: Series{}}
}

// NoteAge keeps the age of usage if it is the oldest.
func (o *Observation) NoteAge(age time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.Age = max(o.Age, age)
}

// NoteCall keeps how long a client's call took.
func (o *Observation) NoteCall(client string, took time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.Calls[client] = append(o.Calls[client], took)
}

// NoteSeries keeps those values that are larger than before.
func (o *Observation) NoteSeries(now Series) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for name, value := range now {
		if before, known := o.Series[name]; !known || value > before {
			o.Series[name] = value
		}
	}
}

// note counts a request of an observer.
func (o *Observation) note(name string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.Counts[name]++
	if err != nil {
		o.Failures[name] = append(o.Failures[name], err)
	}
}

// String has the figures in one line, for a log.
func (o *Observation) String() string {
	parts := []string{fmt.Sprintf("age %.1f s", o.Age.Seconds())}
	for _, client := range slices.Sorted(maps.Keys(o.Calls)) {
		calls := o.Calls[client]
		parts = append(parts, fmt.Sprintf("%s p50 %s p99 %s of %d", client,
			calls.Percentile(50).Round(time.Millisecond), calls.Percentile(99).Round(time.Millisecond), len(calls)))
	}
	parts = append(parts, fmt.Sprintf("memory %d MiB, CPU %.2f cores", o.Process.Peak>>20, o.Process.Cores()))
	for _, name := range slices.Sorted(maps.Keys(o.Failures)) {
		parts = append(parts, fmt.Sprintf("%s failed %d of %d", name, len(o.Failures[name]), o.Counts[name]))
	}
	return strings.Join(parts, ", ")
}

// Durations are how long calls took, in no order.
type Durations []time.Duration

// Percentile returns how long p in 100 of the calls took at most; Patience where there was none.
func (d Durations) Percentile(p int) time.Duration {
	if len(d) == 0 {
		return Patience
	}
	sorted := slices.Sorted(slices.Values(d))
	return sorted[(len(sorted)*p+99)/100-1]
}
