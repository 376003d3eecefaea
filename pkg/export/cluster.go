package export

import (
	"context"
	"iter"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/loglimit"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// ObservedCluster is a cluster whose usage is exported.
type ObservedCluster struct {
	// Name is that of the cluster's source; empty for the home cluster.
	Name string
	// Observe registers an observer with a queue of so many events, as the store's Observe does.
	Observe func(capacity int) *usage.Observer
	// Objects are what the cluster knows of its nodes and pods.
	Objects Objects
	// Details has what the collector reads of details; nil where it reads none.
	Details *DetailsQueue
	// Resolution is the longest time between two scrapes of a node.
	Resolution time.Duration
}

// Objects are what a cluster knows of its nodes and pods. It is asked only for what a sink needs, and is safe for concurrent use.
type Objects interface {
	// Pod and Node return an object by its name; false where there is none.
	Pod(namespace, name string) (Object, bool)
	Node(name string) (Object, bool)
	// Allocations are those of all pods that are bound to a node and have not ended.
	Allocations() iter.Seq[Allocation]
}

// Object is what a cluster knows of a node or a pod.
type Object struct {
	// Labels are keys and values.
	Labels iter.Seq2[string, string]
	// Node is where a pod is bound to, and UID that of its object. Static is true where the kubelet knows the pod under another UID.
	Node, UID string
	Static    bool
	// Resources returns the requests and limits of a pod's container; nil where they are not known.
	Resources func(container string) (requests, limits Amounts)
}

// appendLabels appends the labels, keys and values in turns.
func (o Object) appendLabels(to []string) []string {
	if o.Labels == nil {
		return to
	}
	for key, value := range o.Labels {
		to = append(to, key, value)
	}
	return to
}

const (
	// interval is how often records are made: those of one second are encoded together.
	interval = time.Second
	// observed is for how many events the exporter can be late before it takes everything that is served instead.
	observed = 1 << 16
)

// cluster makes records of what is published of one cluster.
type cluster struct {
	ObservedCluster
	needs Needs
	// position is how far the observer has come.
	position position
	latest   latest
	// reused is the memory of the changes that were exported last.
	reused []change
	// swept is when what has ended was forgotten last.
	swept time.Time
	// sums is what is allocated and used by several pods.
	sums *sums
	// feeds have further records.
	feeds []feed
	log   loglimit.Limiter
}

// feed returns records that are due at a moment; nil where none are. Served is everything that is served. The cluster's goroutine calls it once in each
// interval, and iterates over the result as often as there are sinks before it calls it again.
type feed func(now time.Time, served iter.Seq[usage.Event]) iter.Seq[*Record]

func newCluster(c ObservedCluster, needs Needs) *cluster {
	made := &cluster{ObservedCluster: c, needs: needs, latest: latest{}}
	made.sums = &sums{cluster: made}
	if needs.Details && c.Details != nil {
		d := &details{cluster: made, nodes: map[string]*detailedNode{}}
		made.sums.details = d
		made.feeds = append(made.feeds, func(now time.Time, _ iter.Seq[usage.Event]) iter.Seq[*Record] { return d.due(now) })
	}
	if needs.Resources || needs.Sums {
		made.feeds = append(made.feeds, made.sums.due)
	}
	return made
}

// run passes records to put until ctx is done; then once more, with what was published last.
func (c *cluster) run(ctx context.Context, put func(iter.Seq[*Record])) {
	o := c.Observe(observed)
	defer o.Close()
	next := time.NewTicker(interval)
	defer next.Stop()
	for first, last := true, false; !last; first = false {
		select {
		case <-next.C:
		case <-ctx.Done():
			last = true
		}
		if changes := c.changes(o); len(changes) > 0 {
			put(c.records(changes))
		}
		if c.position.lost && !first && c.log.IsNew("lost") {
			klog.FromContext(ctx).Info("Usage changed faster than it could be exported: only the newest of each object was sent to sinks", "cluster", c.Name)
		}
		for _, due := range c.feeds {
			if records := due(time.Now(), o.All()); records != nil {
				put(records)
			}
		}
	}
}

// changes returns what is to be exported since the last call. It is valid until the next call.
func (c *cluster) changes(o *usage.Observer) []change {
	now := time.Now()
	if now.Sub(c.swept) >= time.Minute {
		c.latest.forget(c.swept.UnixNano())
		c.swept = now
	}
	all := c.latest.follow(c.reused, c.position.changes(o), now.UnixNano())
	if c.position.lost {
		all = append(all, c.latest.missing(o.All())...)
	}
	c.reused = reusable(all)
	return all
}
