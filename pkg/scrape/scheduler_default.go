//go:build !plainscheduler

package scrape

import "github.com/plimsoll/plimsoll/pkg/schedule"

func newScheduler() scheduler { return schedule.New() }

// workerOf returns what a connection tells while it waits for the kubelet.
func workerOf(w schedule.Worker) schedule.Worker { return w }
