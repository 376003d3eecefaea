package progress_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plimsoll/plimsoll/pkg/progress"
)

func TestAwaitPending(t *testing.T) {
	const stall = 10 * time.Second
	for _, tt := range []struct {
		name string
		// each is the time between changes of the number of nodes, by each of the changes.
		nodes   int
		each    time.Duration
		changes []int
		cancel  time.Duration
		want    time.Duration
	}{
		{"none", 0, 0, nil, 0, 0},
		{"all end", 3, stall - 1, []int{-1, -1, -1}, 0, 3 * (stall - 1)},
		{"one never ends", 2, time.Second, []int{-1}, 0, time.Second + stall},
		{"no change is none", 1, stall - 1, []int{0, 0, 0}, 0, stall},
		{"one comes", 1, time.Second, []int{1, -2}, 0, 2 * time.Second},
		{"the context ends", 1, 0, nil, time.Second, time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.cancel > 0 {
					time.AfterFunc(tt.cancel, cancel)
				}
				var p progress.Pending
				p.Add(tt.nodes)
				var changing sync.WaitGroup
				defer changing.Wait()
				changing.Go(func() {
					for _, change := range tt.changes {
						<-time.After(tt.each)
						p.Add(change)
					}
				})
				begin := time.Now()
				p.Await(ctx, stall)
				if took := time.Since(begin); took != tt.want {
					t.Errorf("returned after %s, want %s", took, tt.want)
				}
			})
		})
	}
}
