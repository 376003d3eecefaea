package process

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of a process's CPU time in /proc.
const tick = 10 * time.Millisecond

// CPUTime is the CPU time that a process has used since its start, in user and in kernel mode.
func CPUTime(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("read the CPU time of process %d: %w", pid, err)
	}
	used, err := parseStat(string(text))
	if err != nil {
		return 0, fmt.Errorf("read the CPU time of process %d: %w", pid, err)
	}
	return used, nil
}

// parseStat reads utime and stime, the 14th and 15th fields. The second is the program's name, which may hold anything.
func parseStat(text string) (time.Duration, error) {
	const before, user, system = 2, 14, 15
	fields := strings.Fields(text[strings.LastIndex(text, ")")+1:])
	if len(fields) <= system-before-1 {
		return 0, errors.New("the line has too few fields")
	}
	var ticks int64
	for _, i := range []int{user, system} {
		n, err := strconv.ParseInt(fields[i-before-1], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("field %d: %w", i, err)
		}
		ticks += n
	}
	return time.Duration(ticks) * tick, nil
}

// Memory is the resident memory of a process, in bytes.
type Memory struct {
	// Resident is the present memory, Peak the most since the start or ResetPeak: the kernel's own measure, which misses no moment.
	Resident, Peak uint64
}

// MemoryOf returns the memory of a process.
func MemoryOf(pid int) (Memory, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return Memory{}, fmt.Errorf("read the memory of process %d: %w", pid, err)
	}
	m, err := parseStatus(string(text))
	if err != nil {
		return Memory{}, fmt.Errorf("read the memory of process %d: %w", pid, err)
	}
	return m, nil
}

func parseStatus(text string) (Memory, error) {
	var m Memory
	for name, into := range map[string]*uint64{"VmRSS:": &m.Resident, "VmHWM:": &m.Peak} {
		value, err := statusField(text, name)
		if err != nil {
			return Memory{}, err
		}
		*into = value
	}
	return m, nil
}

// statusField is the field of a name in bytes.
func statusField(text, name string) (uint64, error) {
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) != 3 || fields[0] != name || fields[2] != "kB" {
			continue
		}
		value, err := strconv.ParseUint(fields[1], 10, 54)
		if err != nil {
			return 0, fmt.Errorf("field %s %w", name, err)
		}
		return value << 10, nil
	}
	return 0, fmt.Errorf("there is no field %s", name)
}

// ResetPeak makes the present memory of a process its peak.
func ResetPeak(pid int) error {
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0o600); err != nil {
		return fmt.Errorf("reset the peak of the memory of process %d: %w", pid, err)
	}
	return nil
}

// Descriptors is how many files, sockets and the like a process has open.
func Descriptors(pid int) (int, error) {
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return 0, fmt.Errorf("count the open files of process %d: %w", pid, err)
	}
	return len(open), nil
}
