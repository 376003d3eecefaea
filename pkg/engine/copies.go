package engine

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/plimsoll/plimsoll/pkg/excerpt"
)

var (
	errNoSeries    = errors.New("the engine has no sample of the node's containers within the window")
	errNoNewSample = errors.New("the engine has got no new sample of the node's containers")
	errAmbiguous   = errors.New("the engine has several series of each of the node's metrics")
)

// newest is the time of the newest CPU sample, and oldest that of the oldest; 0 where there is none.
func (c *seriesCopy) bounds() (oldest, newest int64) {
	oldest = math.MaxInt64
	for _, p := range c.subjects {
		if cpu := p[cpuMetric]; len(cpu) > 0 {
			oldest, newest = min(oldest, cpu[0].time), max(newest, cpu[len(cpu)-1].time)
		}
	}
	return oldest, newest
}

// choose returns the copy of the node's series to read. Nothing is added up over copies: /metrics/resource takes precedence over cAdvisor, a copy
// that ended before another one began is left out, and of replicas one is read: that which was read before, unless it is behind. Copies that
// differ in other labels may be of two clusters, so they are an error.
func (n *nodeSeries) choose(before string, window int64) (*seriesCopy, error) {
	copies := slices.DeleteFunc(slices.Clone(n.copies), func(c *seriesCopy) bool { return len(c.subjects) == 0 })
	if slices.ContainsFunc(copies, func(c *seriesCopy) bool { return c.endpoint == Resource && len(c.containers) > 0 }) {
		copies = slices.DeleteFunc(copies, func(c *seriesCopy) bool { return c.endpoint == CAdvisor })
	} else if slices.ContainsFunc(copies, func(c *seriesCopy) bool { return len(c.containers) > 0 }) {
		copies = slices.DeleteFunc(copies, func(c *seriesCopy) bool { return c.endpoint == Resource })
	}
	copies = withoutEnded(copies)
	if len(copies) == 0 {
		return nil, errNoSeries
	}
	for _, c := range copies[1:] {
		if c.labels != copies[0].labels {
			return nil, fmt.Errorf("%w, which differ in %s", errAmbiguous, difference(copies[0].labels, c.labels))
		}
	}
	if n.excess != nil {
		return nil, n.excess
	}
	return chooseReplica(copies, before, window), nil
}

// withoutEnded leaves out the copies whose newest sample is older than the oldest of another: a target got another address.
func withoutEnded(copies []*seriesCopy) []*seriesCopy {
	latest := int64(math.MinInt64)
	for _, c := range copies {
		if oldest, newest := c.bounds(); newest > 0 {
			latest = max(latest, oldest)
		}
	}
	return slices.DeleteFunc(copies, func(c *seriesCopy) bool {
		_, newest := c.bounds()
		return newest < latest
	})
}

// chooseReplica returns the replica that was read before, unless another is ahead of it by more than a third of the window.
func chooseReplica(copies []*seriesCopy, before string, window int64) *seriesCopy {
	var ahead *seriesCopy
	newest := int64(math.MinInt64)
	for _, c := range copies {
		if _, at := c.bounds(); at > newest {
			ahead, newest = c, at
		}
	}
	for _, c := range copies {
		if _, at := c.bounds(); c.replica == before && at >= newest-window/3 {
			return c
		}
	}
	return ahead
}

// difference is the first label in which two copies differ, with both values.
func difference(a, b string) string {
	of := func(all []string, name string) string {
		for _, l := range all {
			if value, ok := strings.CutPrefix(l, name+"="); ok {
				return value
			}
		}
		return ""
	}
	left, right := split(a), split(b)
	for _, l := range slices.Concat(left, right) {
		name, _, _ := strings.Cut(l, "=")
		if x, y := of(left, name), of(right, name); x != y {
			return excerpt.Of(fmt.Sprintf("the label %s: %q and %q", name, x, y))
		}
	}
	return "labels"
}
