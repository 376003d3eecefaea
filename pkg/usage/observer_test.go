package usage

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// newObserver is an observer that has received its first batch.
func newObserver(t *testing.T, capacity int) *Observer {
	o := NewObserver(capacity, slices.Values([]Event(nil)), func(*Observer) {})
	if first := poll(t, o); !first.Resync || len(first.Events) > 0 {
		t.Fatalf("the first batch is %+v, want nothing but a resync", first)
	}
	return o
}

// poll returns the batch that is waiting; an empty one where none is.
func poll(t *testing.T, o *Observer) Batch {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b, _ := o.Receive(ctx)
	return b
}

// enqueue adds events with the resource versions from first to last.
func (o *Observer) enqueue(first, last uint64) {
	for version := first; version <= last; version++ {
		o.Enqueue(Event{ResourceVersion: version})
	}
}

// want checks the batch that is waiting: whether it is a resync, and the versions of its events.
func want(t *testing.T, o *Observer, resync bool, versions ...uint64) {
	t.Helper()
	var got []uint64
	b := poll(t, o)
	for _, e := range b.Events {
		got = append(got, e.ResourceVersion)
	}
	if diff := cmp.Diff(versions, got); diff != "" || b.Resync != resync {
		t.Errorf("resync %t, want %t; versions (-want +got):\n%s", b.Resync, resync, diff)
	}
}

func TestBatchesHaveTheEventsInOrder(t *testing.T) {
	o := newObserver(t, 3)
	o.enqueue(1, 1)
	want(t, o, false, 1)
	o.enqueue(2, 4)
	want(t, o, false, 2, 3, 4)
	want(t, o, false)
}

// TestSlowObserverLosesEventsAndResyncs fills a queue that nothing receives from.
func TestSlowObserverLosesEventsAndResyncs(t *testing.T) {
	const capacity = 3
	o := newObserver(t, capacity)
	o.enqueue(1, capacity)
	if got := o.Dropped(); got != 0 {
		t.Errorf("%d events are lost from a queue that is long enough for them", got)
	}
	o.enqueue(capacity+1, capacity+2)
	if got := o.Dropped(); got != capacity+2 {
		t.Errorf("%d events are lost, want %d", got, capacity+2)
	}
	want(t, o, true)
	o.enqueue(capacity+3, capacity+3)
	want(t, o, false, capacity+3)
}

func TestReceiveEndsWithItsContext(t *testing.T) {
	o := newObserver(t, 1)
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("the cause")
	cancel(cause)
	if _, err := o.Receive(ctx); !errors.Is(err, cause) {
		t.Errorf("Receive gave %v", err)
	}
	o.enqueue(1, 1)
	if b, err := o.Receive(ctx); err != nil || len(b.Events) != 1 {
		t.Errorf("a batch that was waiting: %+v, %v", b, err)
	}
}
