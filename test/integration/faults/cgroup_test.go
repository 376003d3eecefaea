package faults

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/process"
)

// memoryLimit is the limit of memory in manifests/base, in bytes.
const memoryLimit = 512 << 20

// newMemoryGroup makes a cgroup of so many bytes for the time of the test; nil where the machine lets the test make none.
func newMemoryGroup(t *testing.T, limit int) *process.MemoryGroup {
	t.Helper()
	group, err := process.NewMemoryGroup("faults", limit)
	if err != nil {
		t.Logf("only the resident memory is measured: %v", err)
		return nil
	}
	t.Cleanup(func() {
		if err := group.Remove(); err != nil {
			t.Errorf("remove the cgroup: %v", err)
		}
	})
	return group
}

// TestMemoryLimit starts Plimsoll under the memory limit of the manifests while kubelets return responses that are small as bytes and would be
// large in memory. It becomes ready, serves the other nodes, and is never killed: the kernel kills a process that needs more memory.
func TestMemoryLimit(t *testing.T) {
	attackers := map[string]fleet.Fault{
		"node-0001": fleet.Status(404).On(fleet.PathResource).Or(fleet.NullPods(1_400_000)),
		"node-0002": fleet.ManyLabels(6_000_000),
		"node-0003": fleet.LongLabel(10 << 20),
		"node-0004": fleet.ManyContainers(99_000),
		"node-0005": fleet.ShortLines(7_000_000),
	}
	for node, fault := range attackers {
		if err := env.Fleet.SetFault(node, fault); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := env.Fleet.ClearFault(node); err != nil {
				t.Error(err)
			}
		})
	}
	group := newMemoryGroup(t, memoryLimit)
	var through []string
	if group != nil {
		through = group.Joining()
	} else {
		t.Setenv("GOMEMLIMIT", strconv.Itoa(memoryLimit/10*9))
	}
	server, err := env.StartServerThrough(t.Context(), through)
	if err != nil {
		t.Fatalf("with hostile kubelets from the start: %v", err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	// An error leaves the peak since the start, which is the stricter measure.
	_ = process.ResetPeak(server.PID())
	attacked, end := context.WithTimeout(t.Context(), 4*resolution)
	defer end()
	requests := time.NewTicker(100 * time.Millisecond)
	defer requests.Stop()
	for served := 0; attacked.Err() == nil; served++ {
		if err := livez(t.Context(), server); err != nil {
			t.Fatalf("after %d responses: %v", served, err)
		}
		<-requests.C
	}
	memory, err := process.MemoryOf(server.PID())
	t.Logf("the peak of resident memory was %d MiB", memory.Peak>>20)
	if err != nil || memory.Peak > memoryLimit {
		t.Errorf("the peak of resident memory is %d bytes, want at most %d (%v)", memory.Peak, memoryLimit, err)
	}
	if group != nil {
		most, peakErr := group.Peak()
		kills, err := group.Killed()
		t.Logf("the peak of the cgroup was %d bytes", most)
		if err := errors.Join(peakErr, err); err != nil || kills > 0 {
			t.Errorf("the kernel killed %d processes: %v", kills, err)
		}
	}
}

func livez(ctx context.Context, server *cluster.Server) error {
	config, err := server.ConfigFor("system:anonymous")
	if err != nil {
		return err
	}
	_, err = cluster.Fetch(ctx, config, "/livez")
	return err
}
