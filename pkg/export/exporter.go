package export

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync"
	"time"

	"k8s.io/klog/v2"
)

// Exporter brings the usage of clusters to sinks.
type Exporter struct {
	clusters   []*cluster
	deliveries []*delivery
}

// New returns an exporter of these clusters to these sinks. Nothing runs, and nothing is observed, before Start.
func New(clusters []ObservedCluster, sinks []Sink) *Exporter {
	e, needs := &Exporter{}, AllNeeds(sinks)
	for _, s := range sinks {
		e.deliveries = append(e.deliveries, newDelivery(s))
	}
	for _, c := range clusters {
		e.clusters = append(e.clusters, newCluster(c, needs))
	}
	return e
}

// flushTime is how long what is queued may take to be delivered when the process ends.
const flushTime = 5 * time.Second

// Start exports until ctx is done, and then delivers what is queued, for five seconds at most. The error is that of closing a sender.
func (e *Exporter) Start(ctx context.Context) (err error) {
	sending, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var observers, senders sync.WaitGroup
	for _, d := range e.deliveries {
		senders.Go(func() { d.run(sending) })
	}
	for _, c := range e.clusters {
		observers.Go(func() { c.run(ctx, e.put) })
	}
	observers.Wait()
	defer time.AfterFunc(flushTime, stop).Stop()
	for _, d := range e.deliveries {
		close(d.queue.closed)
	}
	senders.Wait()
	for _, d := range e.deliveries {
		if bytes, _ := d.queue.size(); bytes > 0 {
			klog.FromContext(ctx).Info("Usage was not delivered before the process ended", "sink", d.Name, "to", d.Text, "bytes", bytes)
		}
		d.queue.clear(shutdown)
		if c, ok := d.Sender.(io.Closer); ok {
			err = errors.Join(err, c.Close())
		}
	}
	return err
}

// put has every sink receive the records.
func (e *Exporter) put(records iter.Seq[*Record]) {
	for _, d := range e.deliveries {
		d.put(records)
	}
}

// AllNeeds are what at least one of the sinks needs.
func AllNeeds(sinks []Sink) (all Needs) {
	for i, s := range sinks {
		if i == 0 {
			all.Interval = s.Needs.Interval
		}
		all.Interval = min(all.Interval, s.Needs.Interval)
		all.Labels = all.Labels || s.Needs.Labels
		all.Resources = all.Resources || s.Needs.Resources
		all.Details = all.Details || s.Needs.Details
		all.Sums = all.Sums || s.Needs.Sums
		all.Ends = all.Ends || s.Needs.Ends
	}
	return all
}
