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

// garbage is what a load makes, for so many windows: as many collections in each as there would be with calmPercent.
type garbage struct {
	windows     int
	collections float64
}

// heap is a heap that is collected as often as its percent asks for. Each collection costs the same.
type heap struct {
	// mu guards what follows: the collector and the load are of two goroutines.
	mu      sync.Mutex
	percent int
	// left is the part of a collection that is not due yet.
	left   float64
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
func (h *heap) collect(n int) {
	h.effort.collections += uint64(n)
	h.effort.seconds += (time.Duration(n) * h.cost).Seconds()
}

// window is one of a load.
func (h *heap) window(collections float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.left += collections * calmPercent / float64(h.percent)
	h.collect(int(h.left))
	h.left -= float64(int(h.left))
}

func TestCollector(t *testing.T) {
	const dear, cheap = 60 * time.Millisecond, time.Millisecond
	quiet, starting := garbage{20, 0}, garbage{3, 10}
	tests := []struct {
		name string
		cost time.Duration
		load []garbage
		want []int
	}{
		{"a start is busy", dear, []garbage{starting}, []int{busyPercent}},
		{"calm when nothing happens, and memory is given back once", dear, []garbage{starting, quiet, quiet}, []int{busyPercent, calmPercent, released}},
		{"looks at kubelets are calm", dear, []garbage{starting, {100, 0.2}}, []int{busyPercent, calmPercent, released}},
		{"many looks at kubelets are calm", 500 * time.Millisecond, []garbage{starting, {100, 0.2}}, []int{busyPercent, calmPercent, released}},
		{"readers without pause", dear, []garbage{quiet, {100, 10}}, []int{busyPercent, calmPercent, released, busyPercent}},
		{"readers of whom collecting costs nothing", cheap, []garbage{quiet, {100, 10}}, []int{busyPercent, calmPercent, released}},
		{"just enough does not go to and fro", dear, []garbage{quiet, {100, 3}}, []int{busyPercent, calmPercent, released, busyPercent}},
		{"dear collections do not either", 200 * time.Millisecond, []garbage{quiet, {100, 1.5}}, []int{busyPercent, calmPercent, released, busyPercent}},
		{"two dear collections are not enough", 200 * time.Millisecond, []garbage{quiet, {100, 1}}, []int{busyPercent, calmPercent, released}},
		{"not quite enough does not either", dear, []garbage{quiet, {100, 1.9}}, []int{busyPercent, calmPercent, released}},
		{"readers who leave", dear, []garbage{quiet, {10, 10}, quiet}, []int{busyPercent, calmPercent, released, busyPercent, calmPercent, released}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &heap{cost: tt.cost}
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan error, 1)
				go func() { done <- h.collector().Start(ctx) }()
				synctest.Wait()
				for _, load := range tt.load {
					for range load.windows {
						h.window(load.collections)
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
	if after := effortSoFar(); after.collections <= before.collections || after.seconds <= before.seconds {
		t.Errorf("%v after a collection, %v before", after, before)
	}
}
