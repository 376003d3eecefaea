package app

import (
	"context"
	"errors"
	"os"
	"runtime/debug"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"k8s.io/klog/v2"
)

// gcPercent is Go's GOGC: by how many percent the heap may grow until it is collected. Most of the resident memory is live heap, of which Go's default
// of 100 holds the same amount again. At 30 the process of a cluster with 30,000 pods holds 27 MiB less than at 100, and 13 MiB less than at 50; a
// collection after so little growth costs 0.05 ms of CPU for a single pod and 1 ms for a list of all. docs/performance.md has the figures.
const gcPercent = 30

// setCollection sets gcPercent, unless the environment has GOGC.
func setCollection() {
	if _, set := os.LookupEnv("GOGC"); !set {
		debug.SetGCPercent(gcPercent)
	}
}

// memoryLimitAge is how often the limit of the container is read again.
const memoryLimitAge = time.Minute

// limitMemory has the garbage collector run more often as the process comes near the memory limit of its container, where the kernel would kill it.
// The limit in GOMEMLIMIT replaces that of the container. Until ctx is done a change of the container's limit takes effect.
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

// memoryLimit is the limit that holds now, in bytes; math.MaxInt64 where there is none.
func memoryLimit() int64 { return debug.SetMemoryLimit(-1) }
