package app

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"k8s.io/klog/v2"
)

// memoryLimitAge is how old the limit that is followed may be.
const memoryLimitAge = time.Minute

// limitMemory has the garbage collector work harder before the process meets the memory limit of its container, which would end it.
// GOMEMLIMIT goes before what the container has, and neither is needed. Until ctx ends it follows a limit that is changed while the
// container runs.
func limitMemory(ctx context.Context, container memlimit.Provider) {
	limit, err := memlimit.Set(memlimit.WithProvider(container), memlimit.WithRefreshInterval(ctx, memoryLimitAge))
	switch logger := klog.FromContext(ctx); {
	case errors.Is(err, memlimit.ErrNoLimit), err == nil && limit == 0:
		logger.V(2).Info("Memory is not limited")
	case err != nil:
		logger.V(2).Info("The memory limit of the container cannot be read", "err", err)
	default:
		logger.V(2).Info("Memory is limited", "bytes", limit)
	}
}

// memoryLimit is what the process may use now, in bytes: math.MaxInt64 where that is not limited.
func memoryLimit() int64 { return debug.SetMemoryLimit(-1) }
