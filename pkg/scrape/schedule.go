package scrape

import (
	"hash/fnv"
	"time"
)

const (
	// firstSpread is over how long the first looks at the nodes of a new server are spread.
	firstSpread = time.Second
	// secondLook is how long after the question of a look that met something new another comes, out of turn, which gives a rate where
	// readings are made on demand: see ripe. All of a new server's numbers wait for it. A shorter one would take a moment's work for a
	// pod's need, until the next look in turn.
	secondLook = 1500 * time.Millisecond
	// patience is how many failures in a row a node has before it is looked at less often. By default its numbers are
	// served for as many resolutions.
	patience = 4
	// maxBackOff is the longest wait between two looks at a node that fails.
	maxBackOff = 2 * time.Minute
)

// schedule says when a node is looked at. Its phase comes from the node's name alone, so that two servers look at the
// same moment and the looks of all nodes spread evenly over the resolution.
type schedule struct {
	resolution, phase time.Duration
}

func newSchedule(node string, resolution time.Duration) schedule {
	h := fnv.New64a()
	h.Write([]byte(node))
	return schedule{resolution: resolution, phase: time.Duration(h.Sum64() % uint64(resolution))}
}

// first is how long a new loop waits before its first look.
func (s schedule) first() time.Duration {
	return s.phase % min(firstSpread, s.resolution)
}

// next is how long to wait for the next look in turn, after so many failures in a row.
func (s schedule) next(now time.Time, failures int) time.Duration {
	wait := s.resolution - (time.Duration(now.UnixNano())-s.phase)%s.resolution
	if wait < secondLook {
		// The look before was out of turn: too close to this one for a rate.
		wait += s.resolution
	}
	return wait + s.backOff(failures)
}

// backOff is a whole number of resolutions, so that the phase stays.
func (s schedule) backOff(failures int) time.Duration {
	if failures < patience {
		return 0
	}
	doubled := s.resolution << min(failures-patience, 8)
	return min(doubled, max(maxBackOff-s.resolution, 0)).Truncate(s.resolution)
}
