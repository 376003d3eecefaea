package app

import (
	"context"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
)

// released stands for memory that was given back, among percents.
const released = -1

// garbage is what a load allocates in each of so many windows, in MiB.
type garbage struct {
	windows int
	mib     uint64
}

// heap is a heap that is collected as often as its percent asks for. Each collection costs the same.
type heap struct {
	// mu guards what follows: the collector and the load are of two goroutines.
	mu      sync.Mutex
	percent int
	// since is what was allocated since the newest collection.
	since  uint64
	cost   time.Duration
	effort effort
	// told are the percents that were set.
	told []int
}

func (h *heap) collector() collector {
	return collector{
		effort: func() effort {
			h.mu.Lock()
			defer h.mu.Unlock()
			return h.effort
		},
		setPercent: func(percent int) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.percent = percent
			h.told = append(h.told, percent)
		},
		release: func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.told = append(h.told, released)
			h.collect(2) // Giving memory back takes a collection, which is not work that the process has.
		},
	}
}

// collect is called with mu held.
func (h *heap) collect(n uint64) {
	h.effort.collections += n
	h.effort.seconds += (time.Duration(n) * h.cost).Seconds()
}

// window is one of a load.
func (h *heap) window(mib uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.effort.allocated += mib << 20
	h.since += mib << 20
	grows := h.effort.live * uint64(h.percent) / 100
	h.collect(h.since / grows)
	h.since %= grows
}

func TestCollector(t *testing.T) {
	const (
		small, large = 64, 384 // MiB.
		dear, cheap  = 60 * time.Millisecond, time.Millisecond
		dearest      = 700 * time.Millisecond
	)
	start, quiet := garbage{3, 200}, garbage{20, 0}
	tests := []struct {
		name string
		live uint64
		cost time.Duration
		load []garbage
		want []int
	}{
		{"a start is busy", small, dear, []garbage{start}, []int{busyPercent}},
		{"calm when nothing happens, and memory is given back once", small, dear, []garbage{start, quiet, quiet}, []int{busyPercent, calmPercent, released}},
		{"looks at 1,000 kubelets are calm", small, dear, []garbage{start, {100, 4}}, []int{busyPercent, calmPercent, released}},
		{"looks at 5,000 are", large, dearest, []garbage{start, {100, 22}}, []int{busyPercent, calmPercent, released}},
		{"readers without pause", small, dear, []garbage{quiet, {100, 130}}, []int{busyPercent, calmPercent, released, busyPercent}},
		{"readers without pause of much", large, dearest, []garbage{quiet, {100, 100}}, []int{busyPercent, calmPercent, released, busyPercent}},
		{"readers of whom collecting costs nothing", small, cheap, []garbage{quiet, {100, 130}}, []int{busyPercent, calmPercent, released}},
		{"one list of everything is none", large, dearest, []garbage{quiet, {1, 150}, quiet}, []int{busyPercent, calmPercent, released}},
		{"nor is one on the border of two windows", large, dearest, []garbage{quiet, {2, 97}, quiet}, []int{busyPercent, calmPercent, released}},
		{"just enough does not go to and fro", small, dear, []garbage{quiet, {200, 19}}, []int{busyPercent, calmPercent, released, busyPercent}},
		{"not quite enough does not either", small, dear, []garbage{quiet, {200, 17}}, []int{busyPercent, calmPercent, released}},
		{"a start that goes over into a load that it pays for", small, dear, []garbage{start, {200, 10}}, []int{busyPercent}},
		{"readers who leave", small, dear, []garbage{quiet, {10, 130}, quiet}, []int{busyPercent, calmPercent, released, busyPercent, calmPercent, released}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &heap{cost: tt.cost, effort: effort{live: tt.live << 20}}
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan error, 1)
				go func() { done <- h.collector().Start(ctx) }()
				synctest.Wait()
				for _, load := range tt.load {
					for range load.windows {
						h.window(load.mib)
						time.Sleep(collectorWindow)
						synctest.Wait()
					}
				}
				cancel()
				if err := <-done; err != nil {
					t.Errorf("the collector ended with an error: %v", err)
				}
				if diff := cmp.Diff(tt.want, h.told); diff != "" {
					t.Errorf("percents (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestNobodyCollectedYet(t *testing.T) {
	w := watch{past: []effort{{}}}
	if w.see(effort{allocated: 1 << 20}) || w.see(effort{allocated: 2 << 20}) {
		t.Error("the process is busy")
	}
}

func TestNobodyTellsTheCollectorWhereTheEnvironmentDid(t *testing.T) {
	t.Setenv("GOGC", "80")
	if got := collecting(); got != nil {
		t.Errorf("there is background work: %v", got)
	}
	os.Unsetenv("GOGC")
	if got := collecting(); !slices.ContainsFunc(got, func(b apiserver.Background) bool { return b.Name == "collector" }) {
		t.Errorf("there is no collector: %v", got)
	}
}

func TestEffortSoFar(t *testing.T) {
	before := effortSoFar()
	runtime.GC()
	if after := effortSoFar(); after.collections <= before.collections || after.seconds <= before.seconds || after.allocated <= before.allocated || after.live == 0 {
		t.Errorf("%v after a collection, %v before", after, before)
	}
}
