package observe

import (
	"context"
	"sync"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// Patience is how long an observer waits for one response. It is longer than every bound on time.
const Patience = 10 * time.Second

// mostOpen is how many calls of one Repeat are open at once.
const mostOpen = 200

// Observer sends one request at each tick, and notes what came of it.
type Observer struct {
	// Name is the party that is observed, and the key of what Observation keeps of it.
	Name string
	// Every is the time between two requests, whether or not the earlier ones have ended.
	Every time.Duration
	// Observe sends one request. An error counts as a failure. What else it found it notes in the observation, by its methods. It is called by
	// several goroutines at once.
	Observe func(ctx context.Context, o *Observation) error
}

// Run lets the observers send requests until ctx ends, waits for their last responses, and measures the process of the server meanwhile.
func Run(ctx context.Context, server *cluster.Server, observers ...Observer) *Observation {
	o := newObservation()
	end := measure(server.PID())
	var all sync.WaitGroup
	for _, w := range observers {
		all.Go(func() { o.follow(ctx, w) })
	}
	<-ctx.Done()
	all.Wait()
	o.Process = end()
	o.Ended = server.Ended()
	return o
}

// Usual are the observers of a cluster that hold for every fault but those of the API server: the age of usage but that of some nodes, the
// autoscaler, both probes, and the cluster's own Plimsoll's metrics.
func Usual(c *cluster.Cluster, except ...string) []Observer {
	return []Observer{Ages(c, except...), Autoscaler(c), Probe(c.Server, "/livez"), Probe(c.Server, "/readyz"), OwnSeries(c.Server)}
}

// follow sends a request at each tick until ctx ends.
func (o *Observation) follow(ctx context.Context, w Observer) {
	Repeat(ctx, w.Every, func(ctx context.Context) { o.note(w.Name, w.Observe(ctx, o)) })
}

// Repeat calls send at each tick until ctx ends, whether or not the earlier calls have ended, and returns when all have. Those that are under way go on when
// ctx ends. Each has Patience.
func Repeat(ctx context.Context, every time.Duration, send func(context.Context)) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	limit := make(chan struct{}, mostOpen)
	var open sync.WaitGroup
	defer open.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		limit <- struct{}{}
		open.Go(func() {
			defer func() { <-limit }()
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), Patience)
			defer cancel()
			send(ctx)
		})
	}
}
