package app

import (
	"context"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// released stands for memory that was given back, among percents.
const released = -1

func TestCollector(t *testing.T) {
	tests := []struct {
		name string
		// windows are the collections of one window after the other.
		windows []uint64
		want    []int
	}{
		{"a start is busy", nil, []int{busyPercent}},
		{"calm after a window without any", []uint64{5, 1, 0, 0}, []int{busyPercent, calmPercent}},
		{"a few do not end the calm", []uint64{0, 2, 1, 2}, []int{busyPercent, calmPercent}},
		{"a few do not end the bustle", []uint64{3, 1, 2, 1}, []int{busyPercent}},
		{"busy again", []uint64{0, 3, 1, 0}, []int{busyPercent, calmPercent, busyPercent, calmPercent}},
		{"memory is given back once", make([]uint64, 3*calmWindows), []int{busyPercent, calmPercent, released}},
		{"not before the calm has lasted", make([]uint64, calmWindows), []int{busyPercent, calmPercent}},
		{
			"calm from the beginning", slices.Concat(make([]uint64, calmWindows), []uint64{3}, make([]uint64, calmWindows+1)),
			[]int{busyPercent, calmPercent, busyPercent, calmPercent, released},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var total uint64
				var got []int
				c := collector{
					collections: func() uint64 { return total },
					setPercent:  func(percent int) { got = append(got, percent) },
					release: func() {
						got = append(got, released)
						total += busyCollections // Those of its own are not work that the process has.
					},
				}
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan error, 1)
				go func() { done <- c.Start(ctx) }()
				synctest.Wait()
				for _, n := range tt.windows {
					total += n
					time.Sleep(collectorWindow)
					synctest.Wait()
				}
				cancel()
				if err := <-done; err != nil {
					t.Errorf("the collector ended with an error: %v", err)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
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
}

func TestCountCollections(t *testing.T) {
	before := countCollections()
	runtime.GC()
	if after := countCollections(); after <= before {
		t.Errorf("%d collections after a collection, %d before", after, before)
	}
}
