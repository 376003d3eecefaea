package scrape

import (
	"hash/fnv"
	"time"
)

const (
	// initialSpread is over how long the initial scrapes of a new server are spread.
	initialSpread = time.Second
	// followUpDelay is how long after the request of a scrape that met something new a follow-up comes, which gives a rate where readings are made on
	// demand: see followUpTime. All usage of a new server waits for it. With less, the rate until the next scrape would be that of a moment.
	followUpDelay = 1500 * time.Millisecond
	// backOffAfter is how many failures in a row a node has before it is scraped less often. By default its usage is served for as many resolutions.
	backOffAfter = 4
	// maxBackOff is the longest wait between two scrapes of a node that fails.
	maxBackOff = 2 * time.Minute
)

// timing is when a node is scraped. Its offset follows from the node's name alone, so that two servers scrape a node at the same moment, and the
// scrapes of all nodes spread evenly over the resolution.
type timing struct {
	resolution, offset time.Duration
}

func newTiming(node string, resolution time.Duration) timing {
	h := fnv.New64a()
	h.Write([]byte(node))
	return timing{resolution: resolution, offset: time.Duration(h.Sum64() % uint64(resolution))}
}

// initialDelay is how long a new node waits for its initial scrape.
func (t timing) initialDelay() time.Duration { return t.offset % min(initialSpread, t.resolution) }

// next is how long to wait for the next scrape, after so many failures in a row.
func (t timing) next(now time.Time, failures int) time.Duration {
	wait := t.resolution - (time.Duration(now.UnixNano())-t.offset)%t.resolution
	if wait < followUpDelay {
		wait += t.resolution // The scrape that has just ended was a follow-up: the next would be too close to it for a rate.
	}
	return wait + t.backOff(failures)
}

// backOff is a whole number of resolutions, so that the offset stays.
func (t timing) backOff(failures int) time.Duration {
	if failures < backOffAfter {
		return 0
	}
	doubled := t.resolution << min(failures-backOffAfter, 8)
	return min(doubled, max(maxBackOff-t.resolution, 0)).Truncate(t.resolution)
}
