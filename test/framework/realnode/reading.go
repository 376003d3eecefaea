//go:build linux

package realnode

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// Reading is the kernel's own reading of a cgroup at one moment.
type Reading struct {
	// Time is when it was read.
	Time time.Time
	// CPU is the processor time used since the cgroup was made, in nanoseconds.
	CPU uint64
	// WorkingSet is the memory in use less the inactive file cache, in bytes.
	WorkingSet uint64
}

// Container is the cgroup of one container, which is read without the kubelet and the container runtime.
type Container struct{ cpu, memory string }

// Containers finds the cgroups of a pod's containers, by the id that the container runtime gave each. The one that holds the
// pod's namespaces is among them.
func (n *Node) Containers(pod types.UID) (map[string]Container, error) {
	cgroups, err := cgroupsBelow(n.options.Cgroup)
	if err != nil {
		return nil, err
	}
	found := map[string]Container{}
	for _, folder := range cgroups {
		if filepath.Base(filepath.Dir(folder)) != "pod"+string(pod) {
			continue
		}
		id := filepath.Base(folder)
		c := found[id]
		if exists(folder, "cpuacct.usage") || exists(folder, "cpu.stat") && unified() {
			c.cpu = folder
		}
		if exists(folder, "memory.usage_in_bytes") || exists(folder, "memory.current") {
			c.memory = folder
		}
		found[id] = c
	}
	maps.DeleteFunc(found, func(_ string, c Container) bool { return c.cpu == "" || c.memory == "" })
	return found, nil
}

// Read reads the cgroup. The files are those of
// https://docs.kernel.org/admin-guide/cgroup-v2.html and https://docs.kernel.org/admin-guide/cgroup-v1/.
func (c Container) Read() (r Reading, err error) {
	var used, inactive uint64
	r.Time = time.Now()
	if unified() {
		if r.CPU, err = field(c.cpu, "cpu.stat", "usage_usec"); err != nil {
			return r, err
		}
		r.CPU *= uint64(time.Microsecond)
		if used, err = number(c.memory, "memory.current"); err != nil {
			return r, err
		}
		inactive, err = field(c.memory, "memory.stat", "inactive_file")
	} else {
		if r.CPU, err = number(c.cpu, "cpuacct.usage"); err != nil {
			return r, err
		}
		if used, err = number(c.memory, "memory.usage_in_bytes"); err != nil {
			return r, err
		}
		inactive, err = field(c.memory, "memory.stat", "total_inactive_file")
	}
	r.WorkingSet = used - min(inactive, used)
	return r, err
}

func exists(folder, name string) bool {
	_, err := os.Stat(filepath.Join(folder, name))
	return err == nil
}

// number is the content of a file that holds one.
func number(folder, name string) (uint64, error) {
	content, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		return 0, fmt.Errorf("read a cgroup: %w", err)
	}
	value, err := strconv.ParseUint(strings.TrimSpace(string(content)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read %s of a cgroup: %w", name, err)
	}
	return value, nil
}

// field is the number after a key in a file of lines "key number".
func field(folder, name, key string) (uint64, error) {
	content, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		return 0, fmt.Errorf("read a cgroup: %w", err)
	}
	for line := range strings.Lines(string(content)) {
		if word, value, _ := strings.Cut(strings.TrimSpace(line), " "); word == key {
			return strconv.ParseUint(value, 10, 64)
		}
	}
	return 0, fmt.Errorf("read a cgroup: %s has no %s", name, key)
}
