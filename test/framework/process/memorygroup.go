package process

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// cgroupMount is where Linux distributions mount the hierarchies of cgroups.
const cgroupMount = "/sys/fs/cgroup"

// MemoryGroup is a cgroup that limits memory, of version 1 or 2.
type MemoryGroup struct {
	dir string
	// limit, use, peak and kills are files: the limit and the use in bytes, the largest use, and how often the kernel killed a process for want of
	// memory.
	limit, use, peak, kills string
}

// ErrNoMemoryGroup is returned where no cgroup can be made: that needs root, and a hierarchy that can be written.
var ErrNoMemoryGroup = errors.New("no cgroup that limits memory can be made here")

// NewMemoryGroup makes a cgroup that allows so many bytes. The caller removes it once its processes have ended. The error may be ErrNoMemoryGroup.
func NewMemoryGroup(name string, limit int) (*MemoryGroup, error) {
	name = fmt.Sprintf("plimsoll-%s-%d", name, os.Getpid())
	for _, version := range []struct{ dir, limit, use, peak, kills string }{
		{filepath.Join(cgroupMount, name), "memory.max", "memory.current", "memory.peak", "memory.events"},
		{filepath.Join(cgroupMount, "memory", name), "memory.limit_in_bytes", "memory.usage_in_bytes", "memory.max_usage_in_bytes", "memory.oom_control"},
	} {
		if _, err := os.Stat(filepath.Join(filepath.Dir(version.dir), "cgroup.procs")); err != nil {
			continue
		}
		if err := os.Mkdir(version.dir, 0o755); err != nil {
			continue
		}
		in := func(file string) string { return filepath.Join(version.dir, file) }
		g := &MemoryGroup{dir: version.dir, limit: in(version.limit), use: in(version.use), peak: in(version.peak), kills: in(version.kills)}
		if os.WriteFile(g.limit, []byte(strconv.Itoa(limit)), 0) == nil {
			return g, nil
		}
		_ = g.Remove() // It has just been made.
	}
	return nil, ErrNoMemoryGroup
}

// Joining is a command that enters the cgroup and becomes the one that follows.
func (g *MemoryGroup) Joining() []string {
	return []string{"/bin/sh", "-c", `echo $$ > "$0/cgroup.procs" && exec "$@"`, g.dir}
}

// Peak is the largest use of memory so far, in bytes.
func (g *MemoryGroup) Peak() (int, error) { return number(g.peak) }

// Use is the present use of memory, in bytes.
func (g *MemoryGroup) Use() (int, error) { return number(g.use) }

func number(file string) (int, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

// Killed is how often the kernel killed a process of the cgroup.
func (g *MemoryGroup) Killed() (int, error) {
	text, err := os.ReadFile(g.kills)
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(text))
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i] == "oom_kill" {
			return strconv.Atoi(fields[i+1])
		}
	}
	return 0, fmt.Errorf("%s does not count kills", g.kills)
}

// Remove removes the cgroup, whose processes have ended.
func (g *MemoryGroup) Remove() error { return os.Remove(g.dir) }
