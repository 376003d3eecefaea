package app

import (
	"context"
	"errors"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"k8s.io/klog/v2"
	"k8s.io/klog/v2/ktesting"
)

func TestLimitMemory(t *testing.T) {
	tests := []struct {
		name      string
		env       string
		container memlimit.Provider
		want      int64
		log       string
	}{
		{"a tenth is left to memory outside the heap", "", memlimit.Limit(1000 << 20), 900 << 20, "Memory is limited"},
		{"no limit", "", func() (uint64, error) { return 0, memlimit.ErrNoLimit }, math.MaxInt64, "Memory is not limited"},
		{"no cgroup", "", func() (uint64, error) { return 0, errors.New("no such file") }, math.MaxInt64, "The memory limit of the container cannot be read"},
		{"GOMEMLIMIT is set", "500MiB", memlimit.Limit(1000 << 20), math.MaxInt64, "Memory is not limited"},
	}
	withoutMemoryLimit(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := debug.SetMemoryLimit(math.MaxInt64)
			defer debug.SetMemoryLimit(before)
			if tt.env != "" {
				t.Setenv("GOMEMLIMIT", tt.env) // Set too late for the runtime: it must only keep ours away.
			}
			logger := ktesting.NewLogger(t, ktesting.NewConfig(ktesting.BufferLogs(true), ktesting.Verbosity(2)))
			limitMemory(klog.NewContext(t.Context(), logger), tt.container)
			if got := debug.SetMemoryLimit(-1); got != tt.want {
				t.Errorf("the limit is %d, want %d", got, tt.want)
			}
			if log := logger.GetSink().(ktesting.Underlier).GetBuffer().Data(); len(log) != 1 || log[0].Message != tt.log {
				t.Errorf("logged %v, want %q", log, tt.log)
			}
		})
	}
}

// TestReturnMemory has garbage that the heap's growth alone would not have collected.
func TestReturnMemory(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	before := allocate(64 << 20)
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- returnMemory(ctx) }()
		time.Sleep(returnInterval + time.Second)
		synctest.Wait()
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	if after := unreturned(); after > before-32<<20 {
		t.Errorf("%d MiB of memory are held, %d before: too little was returned", after>>20, before>>20)
	}
}

// allocate uses so many bytes and leaves them as garbage. It returns what the process held with them.
func allocate(bytes int) int64 {
	used := make([]byte, bytes)
	for i := 0; i < bytes; i += 4 << 10 {
		used[i] = 1
	}
	defer runtime.KeepAlive(used)
	return unreturned()
}

// unreturned is the heap's memory, in bytes, that was not returned to the system.
func unreturned() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapSys - m.HeapReleased)
}

// withoutMemoryLimit has the environment set none until the test ends.
func withoutMemoryLimit(t *testing.T) {
	t.Helper()
	t.Setenv("GOMEMLIMIT", "") // It puts back what was there.
	if err := os.Unsetenv("GOMEMLIMIT"); err != nil {
		t.Fatal(err)
	}
}

// TestLimitMemoryFollows a container whose limit is raised while it runs, and once cannot be read.
func TestLimitMemoryFollows(t *testing.T) {
	withoutMemoryLimit(t)
	before := debug.SetMemoryLimit(math.MaxInt64)
	defer debug.SetMemoryLimit(before)
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		limit, err := uint64(1000<<20), error(nil)
		limitMemory(t.Context(), func() (uint64, error) {
			mu.Lock()
			defer mu.Unlock()
			return limit, err
		})
		for _, change := range []struct {
			limit uint64
			err   error
			want  int64
		}{{2000 << 20, nil, 1800 << 20}, {2000 << 20, errors.New("no such file"), 1800 << 20}, {500 << 20, nil, 450 << 20}} {
			mu.Lock()
			limit, err = change.limit, change.err
			mu.Unlock()
			time.Sleep(memoryLimitAge)
			synctest.Wait()
			if got := debug.SetMemoryLimit(-1); got != change.want {
				t.Errorf("the limit is %d, want %d", got, change.want)
			}
		}
	})
}
