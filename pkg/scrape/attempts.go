package scrape

import (
	"slices"
	"sync"
	"time"

	"k8s.io/component-base/metrics"
)

// Histogram counts durations by upper bound. The zero Histogram has no bounds.
type Histogram struct {
	// Bounds are the upper bounds in seconds, in ascending order. Several histograms may share them.
	Bounds []float64
	// Counts has one more element than Bounds: the number of durations up to the bound and above the bound before it.
	Counts []uint64
	// Sum is the sum of all durations in seconds.
	Sum float64
}

func newHistogram(bounds []float64) Histogram {
	return Histogram{Bounds: bounds, Counts: make([]uint64, len(bounds)+1)}
}

func (h *Histogram) observe(d time.Duration) {
	at, _ := slices.BinarySearch(h.Bounds, d.Seconds())
	h.Counts[at]++
	h.Sum += d.Seconds()
}

func (h *Histogram) clone() Histogram {
	return Histogram{Bounds: h.Bounds, Counts: slices.Clone(h.Counts), Sum: h.Sum}
}

// NodeAttempts are the scrapes of one node, successful or not, for as long as the node exists.
type NodeAttempts struct {
	Node string
	// Last is when the newest attempt ended.
	Last time.Time
	// Durations are how long the attempts took, from the request to the store.
	Durations Histogram
}

// ClusterAttempts are the scrapes of all nodes of a cluster, also of nodes that are gone.
type ClusterAttempts struct {
	Succeeded, Failed uint64
	// Rounds has one duration for each interval of one resolution: that of the longest attempt that ended in it.
	Rounds Histogram
}

// attemptCounter counts the attempts of one cluster. A nil counter counts nothing. It is safe for concurrent use.
type attemptCounter struct {
	resolution time.Duration

	// mu guards what follows.
	mu      sync.Mutex
	cluster ClusterAttempts
	// longest is the longest attempt that ended in the current interval, which lasts to end; end is zero before the first attempt.
	longest time.Duration
	end     time.Time
}

func newAttemptCounter(sources []Source) *attemptCounter {
	c := &attemptCounter{}
	for _, s := range sources {
		c.resolution = max(c.resolution, s.Resolution)
	}
	c.cluster.Rounds = newHistogram(roundBounds(c.resolution))
	return c
}

// roundBounds has bounds at the resolution, at one and a half, and at two of them, so that a round that takes too long is visible.
func roundBounds(resolution time.Duration) []float64 {
	bounds := slices.Concat(metrics.DefBuckets, []float64{
		resolution.Seconds(), 1.5 * resolution.Seconds(), 2 * resolution.Seconds(),
	})
	slices.Sort(bounds)
	return slices.Compact(bounds)
}

// add counts an attempt that ended now.
func (c *attemptCounter) add(now time.Time, took time.Duration, succeeded bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closeRound(now)
	if c.end.IsZero() {
		c.end = now.Add(c.resolution)
	}
	c.longest = max(c.longest, took)
	if succeeded {
		c.cluster.Succeeded++
	} else {
		c.cluster.Failed++
	}
}

// closeRound counts the current interval if it is over. Intervals without any attempt are not counted.
func (c *attemptCounter) closeRound(now time.Time) {
	if c.end.IsZero() || now.Before(c.end) {
		return
	}
	c.cluster.Rounds.observe(c.longest)
	c.longest, c.end = 0, time.Time{}
}

// attempted counts an attempt at the loop's node that began then and ended now with err.
func (l *loop) attempted(begin time.Time, err error) {
	counter := l.manager.attempts
	if counter == nil {
		return
	}
	now := time.Now()
	counter.add(now, now.Sub(begin), err == nil)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.attempts == nil {
		l.attempts = &NodeAttempts{Node: l.target.Node, Durations: newHistogram(metrics.DefBuckets)}
	}
	l.attempts.Last = now
	l.attempts.Durations.observe(now.Sub(begin))
}

// NodeAttempts returns the attempts at each node that exists and has been scraped, in no order; none where Config.CountAttempts is
// false.
func (m *Manager) NodeAttempts() []NodeAttempts {
	var nodes []NodeAttempts
	for _, l := range m.all() {
		l.mu.Lock()
		if a := l.attempts; a != nil {
			nodes = append(nodes, NodeAttempts{Node: a.Node, Last: a.Last, Durations: a.Durations.clone()})
		}
		l.mu.Unlock()
	}
	return nodes
}

// ClusterAttempts returns the attempts at all nodes; zero where Config.CountAttempts is false.
func (m *Manager) ClusterAttempts() ClusterAttempts {
	c := m.attempts
	if c == nil {
		return ClusterAttempts{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closeRound(time.Now())
	cluster := c.cluster
	cluster.Rounds = c.cluster.Rounds.clone()
	return cluster
}
