//go:build plainscheduler

package scrape

import "github.com/plimsoll/plimsoll/pkg/schedule"

// newScheduler returns the plain scheduler, in a build whose cost is compared with that of the default: see docs/performance.md.
func newScheduler() scheduler { return schedule.NewPlain() }

// workerOf returns nil: no worker does other work while this one waits, so the connection does none of what only serves that.
func workerOf(schedule.Worker) schedule.Worker { return nil }
