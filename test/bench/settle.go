package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// A machine is at rest where less than restShare of it is used over restWindow, and the share has fallen by no more than restFall since the window
// before: the heartbeats of thousands of nodes never end, and what else is left to do does. It is waited for no longer than restMost.
const (
	restShare  = 0.4
	restFall   = 0.03
	restWindow = 5 * time.Second
	restMost   = 4 * time.Minute
)

// settle waits until the machine is at rest, so that no server starts while the machine still does work that the new pods or the previous server have left to
// do.
func (s *subject) settle(ctx context.Context) error {
	previous := 1.0
	for begin := time.Now(); ; {
		before, err := machineUsage()
		if err != nil {
			return err
		}
		if err := pause(ctx, restWindow); err != nil {
			return err
		}
		after, err := machineUsage()
		if err != nil {
			return err
		}
		share := after.since(before)
		if atRest(previous, share) {
			return nil
		}
		previous = share
		if time.Since(begin) >= restMost {
			fmt.Fprintf(s.options.Log, "the machine does not come to rest: %.0f %% of it is used\n", 100*share)
			return nil
		}
	}
}

func atRest(previous, share float64) bool { return share < restShare && share > previous-restFall }

// machine is what all cores did since the system was started, in ticks.
type machine struct{ idle, all int64 }

// since is the share of the time between that was used.
func (m machine) since(before machine) float64 {
	if m.all <= before.all {
		return 0
	}
	return 1 - float64(m.idle-before.idle)/float64(m.all-before.all)
}

func machineUsage() (machine, error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return machine{}, fmt.Errorf("read what the machine does: %w", err)
	}
	m, err := parseMachine(string(text))
	if err != nil {
		return machine{}, fmt.Errorf("read what the machine does: %w", err)
	}
	return m, nil
}

// parseMachine reads the first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal, and times of guests that are in
// user already. See proc_stat(5).
func parseMachine(text string) (m machine, err error) {
	const idle, iowait, counted = 3, 4, 8
	line, _, _ := strings.Cut(text, "\n")
	fields := strings.Fields(line)
	if len(fields) <= counted || fields[0] != "cpu" {
		return m, errors.New("it does not begin with the line of all cores")
	}
	for i, field := range fields[1 : counted+1] {
		ticks, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return m, fmt.Errorf("field %d: %w", i+1, err)
		}
		if m.all += ticks; i == idle || i == iowait {
			m.idle += ticks
		}
	}
	return m, nil
}
