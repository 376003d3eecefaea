package world

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/process"
)

const (
	// memoryRuns is how long Plimsoll runs under the limit.
	memoryRuns = time.Minute
	// unlimited is more memory than Plimsoll needs, in bytes.
	unlimited = 4 << 30
)

// TestMemoryLimitAboveTheSteadyState gives a Plimsoll 1.2 times the memory that another one has in use, with readers and scrapes. It is not killed,
// and does not use more than twice the CPU of the other in the same time.
func TestMemoryLimitAboveTheSteadyState(t *testing.T) {
	t.Parallel()
	free := newMemoryGroup(t, "free", unlimited)
	if free == nil {
		t.Skip("the steady state is measured in a cgroup, and none can be made here")
	}
	reference := another(t, free.Joining())
	load(t, reference, "memory-free")
	steady := steadyState(t, free)
	limit := steady * 12 / 10
	tight := newMemoryGroup(t, "tight", limit)
	server := another(t, tight.Joining())
	calls := load(t, server, "memory-tight")
	settle(t, direct(t, server, "memory-tight"))
	begin := time.Now()
	own, other := cpuOf(t, server), cpuOf(t, reference)
	pause(t, memoryRuns)
	own, other = cpuOf(t, server)-own, cpuOf(t, reference)-other
	to := time.Now()
	kills, err := tight.Killed()
	peak, peakErr := tight.Peak()
	if err != nil || peakErr != nil {
		t.Fatal(err, peakErr)
	}
	result{
		before: fmt.Sprintf("steady state %d MiB", steady>>20),
		during: fmt.Sprintf("limit %d MiB, peak %d MiB; CPU %.1f %% of a core, %.2f times that without a limit; %v",
			limit>>20, peak>>20, 100*own.Seconds()/to.Sub(begin).Seconds(), own.Seconds()/other.Seconds(), calls.between(begin, to)),
		after: fmt.Sprintf("%d killed", kills), again: "at once",
	}.keep(t, fmt.Sprintf("memory limit of 1.2 times the steady state, for %s", memoryRuns))
	if kills > 0 || server.Ended() {
		t.Errorf("the kernel killed %d processes", kills)
	}
	if own > 2*other {
		t.Errorf("the CPU is %.2f times that without a limit, want at most 2", own.Seconds()/other.Seconds())
	}
	calls.between(begin, to).requireServed(t, "the readers")
}

// cpuOf is the CPU time that a server has used.
func cpuOf(t *testing.T, server *cluster.Server) time.Duration {
	t.Helper()
	used, err := process.CPUTime(server.PID())
	if err != nil {
		t.Fatal(err)
	}
	return used
}

// load has readers list all pods twice a second, and an autoscaler call ten times.
func load(t *testing.T, server *cluster.Server, user string) *calls {
	t.Helper()
	client := direct(t, server, user)
	watch(t, client, 500*time.Millisecond)
	return repeat(t, 100*time.Millisecond, autoscalerCall(client))
}

// steadyState is the most memory that a cgroup uses in some time, in bytes, once its start is over.
func steadyState(t *testing.T, group *process.MemoryGroup) (most int) {
	t.Helper()
	pause(t, 20*time.Second)
	for range 20 {
		use, err := group.Use()
		if err != nil {
			t.Fatal(err)
		}
		most = max(most, use)
		pause(t, 500*time.Millisecond)
	}
	return most
}

// newMemoryGroup makes a cgroup of so many bytes for the time of the test; nil where the machine lets the test make none.
func newMemoryGroup(t *testing.T, name string, limit int) *process.MemoryGroup {
	t.Helper()
	group, err := process.NewMemoryGroup(name, limit)
	if err != nil {
		t.Logf("a limit of %s bytes: %v", strconv.Itoa(limit), err)
		return nil
	}
	t.Cleanup(func() {
		if err := group.Remove(); err != nil {
			t.Errorf("remove the cgroup: %v", err)
		}
	})
	return group
}
