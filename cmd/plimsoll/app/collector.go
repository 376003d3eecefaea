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
// 30 % comes three times as often as with the library's 100, for the same garbage: next to nothing while kubelets are looked at, a
// fifth of the CPU while readers ask without pause. docs/performance.md has the figures.
const (
	calmPercent = 30
	busyPercent = 100
)

// collectorWindow is how long collections are counted. With busyCollections of them the process is busy, and without any it is calm;
// in between it stays what it was. After so many windows in calm memory is given back: what was made for readers is gone by then.
const (
	collectorWindow = 3 * time.Second
	busyCollections = 3
	calmWindows     = 10
)

// collector sets how often the heap is collected: it is kept small while little happens, and collected less often while much does.
type collector struct {
	// collections is how many there have been.
	collections func() uint64
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
		collections: countCollections,
		setPercent:  func(percent int) { debug.SetGCPercent(percent) },
		release:     debug.FreeOSMemory,
	}
	return []apiserver.Background{{Name: "collector", Start: c.Start}}
}

// Start watches until ctx is done. A process that starts is busy.
func (c collector) Start(ctx context.Context) error {
	c.setPercent(busyPercent)
	calm, before := 0, c.collections()
	ticker := time.NewTicker(collectorWindow)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		calm = c.window(calm, c.collections()-before)
		before = c.collections() // Giving memory back is a collection of its own.
	}
}

// window looks at what happened in one, and returns for how many windows the process is calm; 0 if it is busy.
func (c collector) window(calm int, collections uint64) int {
	switch {
	case calm == 0 && collections > 0:
		return 0
	case collections >= busyCollections:
		c.setPercent(busyPercent)
		return 0
	case calm == 0:
		c.setPercent(calmPercent)
	case calm == calmWindows:
		c.release()
	}
	return calm + 1
}

func countCollections() uint64 {
	sample := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
