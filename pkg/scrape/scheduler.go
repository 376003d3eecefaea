package scrape

import (
	"context"
	"time"

	"github.com/plimsoll/plimsoll/pkg/schedule"
)

// scheduler decides when a node is scraped, and on which goroutine. Both implementations in pkg/schedule are one.
type scheduler interface {
	Add(schedule.Task, time.Duration) schedule.Entry
	Start(context.Context) error
}
