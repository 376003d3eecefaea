package engine

import (
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/plimsoll/plimsoll/pkg/loglimit"
)

// shard is nodes that are polled together. The collector's mu guards nodes and their number.
type shard struct {
	collector *Collector
	// source is the index of the engine, and phase when in each resolution the shard is polled.
	source int
	phase  time.Duration
	nodes  map[string]*node
	// changed is sent to where a node was added.
	changed chan struct{}
	// endpoint is the one whose series all nodes had in the newest poll; Auto where they differ. The polls go by it, one after the other.
	endpoint Endpoint
	// polls counts the polls.
	polls  int
	logged loglimit.Limiter
}

const (
	// gathering is how long a shard waits after a node was added, for further ones.
	gathering = 200 * time.Millisecond
	// standbyCheck is how often a shard finds out whether nodes on standby have to be polled.
	standbyCheck = 2 * time.Second
	// widePolls is after how many polls the series of both endpoints are asked for again where a node had none.
	widePolls = 10
)

// newShard makes a shard. The phases of a cluster's shards lie as far apart as a sequence can have them that does not know its length: multiples of the
// golden ratio.
func newShard(c *Collector, source, index int) *shard {
	_, part := math.Modf(float64(index+1) * math.Phi)
	return &shard{
		collector: c, source: source, phase: time.Duration(part * float64(c.config.Sources[source].Resolution)),
		nodes: map[string]*node{}, changed: make(chan struct{}, 1), endpoint: c.config.Sources[source].Endpoint,
	}
}

// add takes a node in, which is polled soon. The caller holds the collector's mu.
func (s *shard) add(n *node) {
	s.nodes[n.id.Name] = n
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// remove takes a node out. The caller holds the collector's mu.
func (s *shard) remove(n *node) { delete(s.nodes, n.id.Name) }

// run polls the shard until ctx is done: at its phase in each resolution, and soon after a node was added.
func (s *shard) run(ctx context.Context) {
	timer, standby := time.NewTimer(s.wait(time.Now())), time.NewTicker(standbyCheck)
	defer timer.Stop()
	defer standby.Stop()
	for {
		select {
		case <-s.changed:
			timer.Reset(gathering)
		case <-standby.C:
			if s.hasFailed() {
				s.poll(ctx)
			}
		case <-timer.C:
			s.poll(ctx)
			timer.Reset(s.wait(time.Now()))
		case <-ctx.Done():
			return
		}
	}
}

// hasFailed is true where a node was on standby and is so no longer.
func (s *shard) hasFailed() bool {
	c := s.collector
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, n := range s.nodes {
		if n.standby && !c.config.OnStandby(name) {
			return true
		}
	}
	return false
}

// wait is how long it is until the shard's phase.
func (s *shard) wait(now time.Time) time.Duration {
	resolution := s.collector.config.Sources[s.source].Resolution
	return resolution - (time.Duration(now.UnixNano())-s.phase)%resolution
}

// poll reads the usage of the shard's nodes that are not on standby.
func (s *shard) poll(ctx context.Context) {
	c := s.collector
	select {
	case c.polls <- struct{}{}:
		defer func() { <-c.polls }()
	case <-ctx.Done():
		return
	}
	names := s.active()
	if len(names) == 0 {
		return
	}
	s.polls++
	a, err := s.read(ctx, names)
	if ctx.Err() != nil {
		return
	}
	c.logQuery(ctx, s.source, err)
	before := s.succeeding()
	found, failed, replaced := map[Endpoint]int{}, failures{}, []string(nil)
	for _, name := range names {
		endpoint, errNode := s.put(ctx, name, a, err)
		found[endpoint]++
		failed.add(name, errNode)
		if errNode == nil && !before[name] {
			replaced = append(replaced, name)
		}
	}
	c.logReplaced(ctx, replaced, &s.logged)
	if err == nil {
		s.narrow(found)
		failed.log(ctx, &s.logged)
	}
}

// succeeding are the nodes whose newest poll brought their usage.
func (s *shard) succeeding() map[string]bool {
	s.collector.mu.Lock()
	defer s.collector.mu.Unlock()
	names := make(map[string]bool, len(s.nodes))
	for name, n := range s.nodes {
		names[name] = n.succeeded
	}
	return names
}

// active are the nodes to poll, in order. Nothing is kept of earlier polls of the others.
func (s *shard) active() []string {
	c := s.collector
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(s.nodes)), func(name string) bool {
		standby := c.config.OnStandby(name)
		if standby {
			n := s.nodes[name]
			c.polled(n)
			n.status = status{}
		}
		s.nodes[name].standby = standby
		return standby
	})
}

// read asks the engine for the series of the nodes.
func (s *shard) read(ctx context.Context, names []string) (*assembler, error) {
	source := &s.collector.config.Sources[s.source]
	a := newAssembler(&source.Selection, names)
	for _, query := range s.queries(names, time.Now()) {
		begin := time.Now()
		size, err := source.Client.query(ctx, query, a.add)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		s.collector.config.Metrics.queried(time.Since(begin), size, causeOf(err))
		if err != nil {
			return nil, err
		}
	}
	return a, nil
}

const (
	// maxReadingAge is how old a reading of a kubelet is at the most when the engine scrapes it: kubelets read their containers every 10 to 20 seconds.
	maxReadingAge = 30 * time.Second
	// recentStart is for how long the start time of a container is asked for in each poll, and not only in each of widePolls.
	recentStart = 10 * time.Minute
)

// queries are those of a poll. Of nodes whose newest poll brought usage they ask for less: for the samples that were scraped since, where these have the kubelets'
// times, and for the start times of young containers. The others are known.
func (s *shard) queries(names []string, now time.Time) []string {
	selection := &s.collector.config.Sources[s.source].Selection
	var others, known []string
	window := time.Duration(0)
	s.collector.mu.Lock()
	for _, name := range names {
		n := s.nodes[name]
		if n == nil || !n.succeeded || s.polls%widePolls == 0 {
			others = append(others, name)
			continue
		}
		known = append(known, name)
		if !n.found.stamped {
			window = selection.Window
		}
		window = max(window, 2*n.found.interval, n.found.interval+maxReadingAge)
	}
	s.collector.mu.Unlock()
	all := selection.queries(others, s.endpoint, extent{window: selection.Window})
	return append(all, selection.queries(known, s.endpoint, extent{min(window, selection.Window), now.Add(-recentStart)})...)
}

// narrow has further polls ask for the series of one endpoint, where that is enough, and again for both every now and then where a node had none.
func (s *shard) narrow(found map[Endpoint]int) {
	if s.collector.config.Sources[s.source].Endpoint != Auto {
		return
	}
	switch {
	case found[Resource] > 0 && found[CAdvisor] > 0, found[Auto] > 0 && s.polls%widePolls == 0, found[Resource]+found[CAdvisor] == 0:
		s.endpoint = Auto
	case found[Resource] > 0:
		s.endpoint = Resource
	default:
		s.endpoint = CAdvisor
	}
}
