package app

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
)

// By how much the heap may grow until it is collected. A collection walks through all that is held, and one that comes after a growth of
// 30 % comes three times as often as with the library's 100, for the same garbage: next to nothing while kubelets are looked at, and a
// good part of the CPU while readers ask without pause. docs/performance.md has the figures.
const (
	calmPercent = 30
	busyPercent = 100
)

// The process becomes busy where collecting took busyCost cores on average over busyWindows, in busyCollections or more. It becomes calm
// where there was no more than one over calmWindows. With busyPercent the same garbage makes a third of the collections: a load that is
// just enough for the one still makes two over calmWindows, and so nothing goes to and fro.
const (
	collectorWindow = 3 * time.Second
	busyWindows     = 2
	busyCollections = 3
	busyCost        = 0.05
	calmWindows     = 5
)

// effort is what collecting came to since the process was started.
type effort struct {
	collections uint64
	// seconds are of CPU.
	seconds float64
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
	busy, past := true, []effort{c.effort()}
	ticker := time.NewTicker(collectorWindow)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if past = append(past, c.effort()); len(past) > calmWindows+1 {
			past = past[1:]
		}
		if is := isBusy(busy, past); is != busy {
			busy = is
			c.change(busy)
			past = []effort{c.effort()} // What was so far was under another percentage, or is this change's own.
		}
	}
}

// isBusy judges by the effort at the end of each window, the newest last.
func isBusy(was bool, past []effort) bool {
	since := func(windows int) (uint64, float64, bool) {
		if windows >= len(past) {
			return 0, 0, false
		}
		now, then := past[len(past)-1], past[len(past)-1-windows]
		return now.collections - then.collections, now.seconds - then.seconds, true
	}
	if was {
		collections, _, known := since(calmWindows)
		return !known || collections > 1
	}
	collections, seconds, known := since(busyWindows)
	return known && collections >= busyCollections && seconds >= busyCost*(busyWindows*collectorWindow).Seconds()
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
	samples := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}, {Name: "/cpu/classes/gc/total:cpu-seconds"}}
	metrics.Read(samples)
	return effort{collections: samples[0].Value.Uint64(), seconds: samples[1].Value.Float64()}
}
