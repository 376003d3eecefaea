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

// timing says when a node is scraped. Its offset comes from the node's name alone, so that two servers look at the
// same moment and the looks of all nodes spread evenly over the resolution.
type timing struct {
	resolution, offset time.Duration
}

func newTiming(node string, resolution time.Duration) timing {
	h := fnv.New64a()
	h.Write([]byte(node))
	return timing{resolution: resolution, offset: time.Duration(h.Sum64() % uint64(resolution))}
}

// first is how long a new loop waits before its first look.
func (t timing) first() time.Duration {
	return t.offset % min(firstSpread, t.resolution)
}

// next is how long to wait for the next look in turn, after so many failures in a row.
func (t timing) next(now time.Time, failures int) time.Duration {
	wait := t.resolution - (time.Duration(now.UnixNano())-t.offset)%t.resolution
	if wait < secondLook {
		// The look before was out of turn: too close to this one for a rate.
		wait += t.resolution
	}
	return wait + t.backOff(failures)
}

// backOff is a whole number of resolutions, so that the offset stays.
func (t timing) backOff(failures int) time.Duration {
	if failures < patience {
		return 0
	}
	doubled := t.resolution << min(failures-patience, 8)
	return min(doubled, max(maxBackOff-t.resolution, 0)).Truncate(t.resolution)
}
