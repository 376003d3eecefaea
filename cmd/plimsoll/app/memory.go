package app

import (
	"context"
	"math"
	"runtime/debug"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/klog/v2"
)

// returnInterval is how often unused memory is returned to the system. Go alone collects garbage when the heap has doubled. Without readers that takes
// minutes, in which the process holds twice the memory that it uses. docs/performance.md has the figures.
const returnInterval = 15 * time.Second

// returnMemory collects garbage and returns unused memory to the system once per returnInterval, until ctx is done. It never fails.
func returnMemory(ctx context.Context) error {
	wait.UntilWithContext(ctx, func(context.Context) { debug.FreeOSMemory() }, returnInterval)
	return nil
}

// memoryLimitAge is how often the limit of the container is read again.
const memoryLimitAge = time.Minute

// limitMemory has the garbage collector run more often as the process comes near the memory limit of its container, where the kernel would kill it.
// The limit in GOMEMLIMIT replaces that of the container. Until ctx is done a change of the container's limit takes effect.
func limitMemory(ctx context.Context, container memlimit.Provider) {
	limit, err := memlimit.Set(memlimit.WithProvider(container), memlimit.WithRefreshInterval(ctx, memoryLimitAge))
	switch logger := klog.FromContext(ctx); {
	case err != nil:
		logger.V(2).Info("The memory limit of the container cannot be read", "err", err)
	case limit == math.MaxInt64:
		logger.V(2).Info("Memory is not limited")
	default:
		logger.V(2).Info("Memory is limited", "bytes", limit)
	}
}

// memoryLimit is the limit that holds now, in bytes; math.MaxInt64 where there is none.
func memoryLimit() int64 { return debug.SetMemoryLimit(-1) }
