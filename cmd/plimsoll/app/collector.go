package app

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
)

// By how much the heap may grow until it is collected, in percent. A collection walks through all that is held, and one that comes after a
// growth of 30 % comes three times as often as with the library's 100, for the same garbage: next to nothing while kubelets are looked at,
// and a good part of the CPU while readers ask without pause. docs/performance.md has the figures.
const (
	calmPercent = 30
	busyPercent = 100
)

// The process is busy where letting the heap grow pays: where it spares at least so many cores for each byte that it takes. Machines are
// sold with 4 to 8 GiB to a core. What it spares is judged by what the process allocates, which does not depend on how often that is
// collected. So a load that is just enough for the one state is not enough to leave it, by a factor of two, and nothing goes to and fro.
const (
	pays     = 0.3 / (1 << 30)
	paysLess = pays / 2

	collectorWindow = 3 * time.Second
	// busyWindows is how many in a row it must pay in, each for itself: one list of everything is no load, and may fall into two. calmWindows
	// is how many it must pay less over.
	busyWindows = 3
	calmWindows = 5
)

// effort is what collecting came to since the process was started.
type effort struct {
	collections uint64
	// seconds are of CPU.
	seconds float64
	// allocated is all that ever was, live what the newest collection left, both in bytes.
	allocated, live uint64
}

// collector sets how often the heap is collected: it is kept small while little happens, and collected less often while much does.
type collector struct {
	effort func() effort
	// setPercent is the runtime's. release gives what is free back to the system, which the runtime would keep in part.
	setPercent func(int)
	release    func()
}

// collecting is a collector as the server's background work. There is none where the environment says how often to collect.
func collecting() []apiserver.Background {
	if _, set := os.LookupEnv("GOGC"); set {
		return nil
	}
	c := collector{
		effort:     effortSoFar,
		setPercent: func(percent int) { debug.SetGCPercent(percent) },
		release:    debug.FreeOSMemory,
	}
	return []apiserver.Background{{Name: "collector", Start: c.Start}}
}

// Start watches until ctx is done. A process that starts is busy.
func (c collector) Start(ctx context.Context) error {
	c.setPercent(busyPercent)
	w := watch{busy: true, past: []effort{c.effort()}}
	ticker := time.NewTicker(collectorWindow)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if w.see(c.effort()) {
			c.change(w.busy)
			w.past = []effort{c.effort()} // Changing is an effort of its own.
		}
	}
}

func (c collector) change(busy bool) {
	if busy {
		c.setPercent(busyPercent)
		return
	}
	c.setPercent(calmPercent)
	c.release()
}

func effortSoFar() effort {
	samples := []metrics.Sample{
		{Name: "/gc/cycles/total:gc-cycles"}, {Name: "/cpu/classes/gc/total:cpu-seconds"},
		{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/heap/live:bytes"},
	}
	metrics.Read(samples)
	return effort{
		collections: samples[0].Value.Uint64(), seconds: samples[1].Value.Float64(),
		allocated: samples[2].Value.Uint64(), live: samples[3].Value.Uint64(),
	}
}
