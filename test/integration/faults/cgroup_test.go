package faults

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// cgroupMount is where Linux distributions mount the hierarchies of cgroups.
const cgroupMount = "/sys/fs/cgroup"

// memoryGroup is a cgroup that limits memory, of version 1 or 2.
type memoryGroup struct {
	dir string
	// peak and kills are files: the largest use in bytes, and how often the kernel killed a process for want of memory.
	peak, kills string
}

// newMemoryGroup makes a cgroup of so many bytes for the time of the test. It is false where the machine lets the test make none: that
// needs root, and a hierarchy that can be written.
func newMemoryGroup(t *testing.T, limit int) (memoryGroup, bool) {
	t.Helper()
	name := fmt.Sprintf("plimsoll-faults-%d", os.Getpid())
	for _, version := range []struct{ dir, limit, peak, kills string }{
		{filepath.Join(cgroupMount, name), "memory.max", "memory.peak", "memory.events"},
		{filepath.Join(cgroupMount, "memory", name), "memory.limit_in_bytes", "memory.max_usage_in_bytes", "memory.oom_control"},
	} {
		if _, err := os.Stat(filepath.Join(filepath.Dir(version.dir), "cgroup.procs")); err != nil {
			continue
		}
		if err := os.Mkdir(version.dir, 0o755); err != nil {
			continue
		}
		t.Cleanup(func() {
			if err := os.Remove(version.dir); err != nil {
				t.Errorf("remove the cgroup: %v", err)
			}
		})
		if os.WriteFile(filepath.Join(version.dir, version.limit), []byte(strconv.Itoa(limit)), 0) == nil {
			return memoryGroup{version.dir, filepath.Join(version.dir, version.peak), filepath.Join(version.dir, version.kills)}, true
		}
	}
	return memoryGroup{}, false
}

// joining is a command that enters the cgroup and becomes the one that follows.
func (g memoryGroup) joining() []string {
	return []string{"/bin/sh", "-c", `echo $$ > "$0/cgroup.procs" && exec "$@"`, g.dir}
}

// killed is how often the kernel killed a process of the cgroup.
func (g memoryGroup) killed(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile(g.kills)
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(text))
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i] == "oom_kill" {
			n, _ := strconv.Atoi(fields[i+1])
			return n
		}
	}
	return 0
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
	group, limited := newMemoryGroup(t, memoryLimit)
	var through []string
	if limited {
		through = group.joining()
	} else {
		t.Log("no cgroup can be made here: only the resident memory is measured")
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
	peak := watchMemory(server.PID())
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
	resident := peak()
	t.Logf("the peak of resident memory was %d MiB", resident>>20)
	if resident == 0 || resident > memoryLimit {
		t.Errorf("the peak of resident memory is %d bytes, want at most %d", resident, memoryLimit)
	}
	if limited {
		text, _ := os.ReadFile(group.peak)
		t.Logf("the peak of the cgroup was %s bytes", strings.TrimSpace(string(text)))
		if n := group.killed(t); n > 0 {
			t.Errorf("the kernel killed %d processes", n)
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
