package store

import (
	"testing"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// TestEventIsMadeWithoutTheLock publishes usage while there is an observer. The lock of the publisher, for which the scrapes of all nodes wait, is free
// while the event is made.
func TestEventIsMadeWithoutTheLock(t *testing.T) {
	b, o := observed(t, maxAge, 10)
	p := b.store.newPass(b.clock.Now().UnixNano(), b.store.getOrCreate(Identity{Name: "n"}))
	published, free := publication[usage.Pod]{cell: &usage.PodCell{}}, 0
	u := &usage.Pod{Node: "n"}
	published.publish(&p, u, false, &u.ResourceVersion, usage.Freshness{Seen: p.now, Advanced: p.now}, func() usage.Event {
		if b.store.publisher.mu.TryLock() {
			free++
			b.store.publisher.mu.Unlock()
		}
		return usage.Event{Pod: u}
	})
	events := poll(t, o).Events
	if len(events) != 1 || events[0].ResourceVersion != u.ResourceVersion {
		t.Errorf("received %+v, want one event with the resource version %d", events, u.ResourceVersion)
	}
	if free != 1 {
		t.Errorf("the event was made %d times without the lock, want once", free)
	}
}
