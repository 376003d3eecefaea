package faults

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/observe"
	"github.com/plimsoll/plimsoll/test/framework/poll"
	"github.com/plimsoll/plimsoll/test/framework/process"
)

// cooling is how long an attack waits at most until the process has given back the memory of the attack before.
const cooling = 10 * time.Second

// cool waits until the process has about as much resident memory as before the first attack, because what it has when an attack begins is part of the peak in the
// attack's row. Meanwhile it requests whole lists: what the process allocates for them makes its garbage collector run, which takes up to two minutes in a process
// that has little to do. The result is how much is resident, in bytes.
func cool(t *testing.T) (resident uint64) {
	t.Helper()
	if resident = residentNow(t); isCool(resident) {
		return resident
	}
	before, begin := resident, time.Now()
	ctx, cancel := context.WithCancel(t.Context())
	var reading sync.WaitGroup
	reading.Go(func() { observe.Repeat(ctx, 20*time.Millisecond, readAll) })
	err := poll.Within(ctx, cooling, func(context.Context) error {
		if resident = residentNow(t); !isCool(resident) {
			return fmt.Errorf("%d MiB are resident, before the first attack at most %d were", resident>>20, calm.Process.Peak>>20)
		}
		return nil
	})
	cancel()
	reading.Wait()
	t.Logf("of %d MiB %d MiB are resident after %s (%v)", before>>20, resident>>20, time.Since(begin).Round(time.Millisecond), err)
	return resident
}

// readAll requests the usage of all pods. What becomes of it does not matter.
func readAll(ctx context.Context) {
	if config, err := env.Server.ConfigFor("admin", "system:masters"); err == nil {
		_, _ = cluster.Fetch(ctx, config, apis+"/pods")
	}
}

func residentNow(t *testing.T) uint64 {
	t.Helper()
	m, err := process.MemoryOf(env.Server.PID())
	if err != nil {
		t.Fatal(err)
	}
	return m.Resident
}

// isCool is true for as much memory as makes no difference to the peak of an attack.
func isCool(resident uint64) bool { return resident <= calm.Process.Peak }
