package store

import (
	"context"
	"time"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// expiryPeriod is how often the store compares ages. Readers compare the age of the usage themselves, at each read: what expires later is the event,
// the memory, and the extra resources that are served beside CPU and memory.
const expiryPeriod = time.Second

// Start unpublishes the usage, and the extra resources, that become too old, until ctx is done.
func (s *Store) Start(ctx context.Context) error {
	ticker := s.clock.NewTicker(expiryPeriod)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C():
		}
		now := s.now().UnixNano()
		for _, n := range s.allNodes() {
			if now > n.expires.Load() {
				s.expire(n)
			}
		}
	}
}

// expire unpublishes what is too old of a node.
func (s *Store) expire(n *node) {
	n.mu.Lock()
	defer n.unlock()
	p := s.newPass(n.scrapedAt, n)
	p.expires = usage.Never
	n.publication.expire(&p, n.key())
	for key, pod := range n.pods {
		pod.publication.expire(&p, key.of(pod.uid))
	}
	n.expireExtras(&p)
	n.expires.Store(p.expires)
}

// expire unpublishes usage that is too old. It keeps how old that is: see [usage.Staleness.IsOverdue].
func (o *publication[T]) expire(p *pass, key usage.Key) {
	if o.usage == nil {
		return
	}
	if expiry := p.staleness.Expiry(o.fresh); p.published <= expiry {
		p.expires = min(p.expires, expiry)
		return
	}
	fresh := o.fresh
	o.unpublish(&p.publisher, p.published, usage.Expired, key)
	o.fresh = fresh
}
