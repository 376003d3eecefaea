//go:build linux

package realnode

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Surroundings are what a node changes outside of its own folder, one readable line for each.
type Surroundings struct {
	Processes, Mounts, Links, NetworkNamespaces, Cgroups []string
}

// Survey reads the namespaces that the caller is in, and the cgroups below one.
func Survey(cgroup string) (Surroundings, error) {
	var s Surroundings
	var errs []error
	for _, part := range []struct {
		list *[]string
		read func() ([]string, error)
	}{
		{&s.Processes, processes},
		{&s.Mounts, mounts},
		{&s.Links, links},
		{&s.NetworkNamespaces, func() ([]string, error) { return filepath.Glob("/run/netns/*") }},
		{&s.Cgroups, func() ([]string, error) { return cgroupsBelow(cgroup) }},
	} {
		found, err := part.read()
		slices.Sort(found)
		*part.list = found
		errs = append(errs, err)
	}
	return s, errors.Join(errs...)
}

// About keeps the processes and mounts that name a folder, and the cgroups: all that can be distinguished from the work of other programs on the
// machine at the same time.
func (s Surroundings) About(dir string) Surroundings {
	other := func(line string) bool { return !strings.Contains(line, dir) }
	return Surroundings{
		Processes: slices.DeleteFunc(slices.Clone(s.Processes), other),
		Mounts:    slices.DeleteFunc(slices.Clone(s.Mounts), other),
		Cgroups:   s.Cgroups,
	}
}

// processes are those that are alive, by id and command line.
func processes() ([]string, error) {
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return nil, err
	}
	var found []string
	for _, file := range files {
		content, err := os.ReadFile(file)
		// Threads of the kernel and processes that have ended have no command line.
		if err != nil || len(content) == 0 {
			continue
		}
		command := strings.ReplaceAll(strings.TrimRight(string(content), "\x00"), "\x00", " ")
		found = append(found, filepath.Base(filepath.Dir(file))+" "+command)
	}
	return found, nil
}

// mounts are the places where something is mounted.
func mounts() ([]string, error) {
	content, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, fmt.Errorf("list the mounts: %w", err)
	}
	var found []string
	for line := range strings.Lines(string(content)) {
		// Its fifth field is the mount point; spaces in it are written in octal.
		if fields := strings.Fields(line); len(fields) > 4 {
			found = append(found, unescape(fields[4]))
		}
	}
	return found, nil
}

// unescape reads the octal escapes of /proc/self/mountinfo.
func unescape(path string) string {
	var out strings.Builder
	for i := 0; i < len(path); i++ {
		if path[i] == '\\' && i+3 < len(path) {
			if c, err := strconv.ParseUint(path[i+1:i+4], 8, 8); err == nil {
				out.WriteByte(byte(c))
				i += 3
				continue
			}
		}
		out.WriteByte(path[i])
	}
	return out.String()
}

// links are the network devices with their addresses.
func links() ([]string, error) {
	devices, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("list the links: %w", err)
	}
	var found []string
	for _, d := range devices {
		addresses, err := d.Addrs()
		if err != nil {
			return nil, fmt.Errorf("list the addresses of %s: %w", d.Name, err)
		}
		found = append(found, fmt.Sprint(d.Name, " ", addresses))
	}
	return found, nil
}
