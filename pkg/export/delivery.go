package export

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/klog/v2"
)

// Sink is what an exporter brings usage to.
type Sink struct {
	// Name is the sink's in metrics and logs: few are possible. Text is what the configuration says of it, without secrets.
	Name, Text string
	Encoder    Encoder
	Sender     Sender
	Needs      Needs
	// QueueBytes bounds what waits to be delivered, in bytes. The oldest payloads are dropped where more comes.
	QueueBytes int
	// Timeout limits one try to deliver a payload, and Concurrency is how many are delivered at a time; with 1 they arrive in the order of their times.
	Timeout     time.Duration
	Concurrency int
}

// delivery encodes records for one sink, and delivers the payloads.
type delivery struct {
	Sink
	queue *queue
	state state

	// encoding is locked while the encoder works: for one cluster at a time.
	encoding sync.Mutex
	payloads []Payload
}

func newDelivery(s Sink) *delivery {
	d := &delivery{Sink: s}
	d.queue = newQueue(s.QueueBytes, d.state.drop)
	return d
}

// put encodes records and queues the payloads. It never waits for the sink.
func (d *delivery) put(records iter.Seq[*Record]) {
	d.encoding.Lock()
	defer d.encoding.Unlock()
	var skipped int
	d.payloads, skipped = d.Encoder.Encode(d.payloads[:0], d.wanted(records))
	d.state.skip(skipped)
	for _, p := range d.payloads {
		d.queue.push(p)
	}
	clear(d.payloads)
}

// wanted leaves out the records that the sink has no need of.
func (d *delivery) wanted(records iter.Seq[*Record]) iter.Seq[*Record] {
	return func(yield func(*Record) bool) {
		for r := range records {
			isSum := r.Level == Namespace || r.Level == Cluster
			if (r.Details == nil || d.Needs.Details) && (!isSum || d.Needs.Sums) && (!r.Gone || d.Needs.Ends) && !yield(r) {
				return
			}
		}
	}
}

// run delivers until ctx is done, or the queue is closed and empty.
func (d *delivery) run(ctx context.Context) {
	var senders sync.WaitGroup
	for range d.Concurrency {
		senders.Go(func() { d.send(ctx) })
	}
	senders.Wait()
}

// maxPause bounds for how long a sink can ask to be left alone.
const maxPause = 5 * time.Minute

// newBackoff returns the pauses after tries that fail: from one second up to a minute, and up to half of that longer.
func newBackoff() wait.Backoff {
	return wait.Backoff{Duration: time.Second, Factor: 2, Jitter: 0.5, Steps: 7, Cap: time.Minute}
}

// send delivers one payload after the other. After a failure it waits: the failure is the sink's and would be that of the next payload too.
func (d *delivery) send(ctx context.Context) {
	backoff, closing := newBackoff(), d.queue.closed
	for {
		p := d.queue.take(ctx)
		if p == nil {
			return
		}
		err := d.try(ctx, p)
		if err == nil || d.isRefused(ctx, p, err) {
			d.queue.end(p)
			backoff = newBackoff()
			continue
		}
		d.queue.giveBack(p)
		pause := backoff.Step()
		if later, ok := errors.AsType[*RetryLaterError](err); ok {
			pause = max(pause, min(later.After, maxPause))
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		case <-closing: // The last chance comes at once.
			backoff, closing = newBackoff(), nil
		}
	}
}

// refusedAfter is how old a payload is at least that can be dropped because the sink takes another.
const refusedAfter = 5 * time.Minute

// isRefused is true, and the payload is counted as dropped, where the sink has failed for long and for this payload alone: it takes the one behind it. Without
// that the payload would hold up the others for as long as the queue has room. Where the sink is away it takes neither, and both are kept.
func (d *delivery) isRefused(ctx context.Context, p *queued, err error) bool {
	if time.Since(p.since) < refusedAfter || errors.As(err, new(*RetryLaterError)) {
		return false
	}
	behind, _ := d.queue.next()
	if behind == nil {
		return false
	}
	if d.try(ctx, behind) != nil {
		d.queue.giveBack(behind)
		return false
	}
	d.queue.end(behind)
	d.state.drop(p.Payload, refused)
	return true
}

// try sends one payload once. The error is one after which the same payload can be sent again.
func (d *delivery) try(ctx context.Context, p *queued) error {
	limited, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	err := d.Sender.Send(limited, p.Payload)
	d.log(ctx, err)
	partly, isPartly := errors.AsType[*PartlyRejectedError](err)
	switch {
	case err == nil:
		d.state.send(p.Points, 0)
	case isPartly:
		d.state.send(p.Points, partly.Points)
	case errors.Is(err, ErrRejected):
		d.state.send(p.Points, p.Points)
	default:
		return err
	}
	return nil
}

// log logs the result of a try where it is another than the last one that was logged, at most once a minute.
func (d *delivery) log(ctx context.Context, err error) {
	if ctx.Err() != nil && err != nil || !d.state.report(err, time.Now()) {
		return
	}
	logger := klog.FromContext(ctx).WithValues("sink", d.Name, "to", d.Text)
	switch {
	case err == nil:
		logger.Info("Sink accepts usage again")
	case errors.Is(err, ErrRejected), errors.As(err, new(*PartlyRejectedError)):
		logger.Error(err, "Sink rejects some usage, which is lost")
	default:
		logger.Error(err, "Sink does not accept usage: what it misses is kept as long as the queue has room")
	}
}
