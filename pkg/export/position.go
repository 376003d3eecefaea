package export

import (
	"context"
	"slices"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// position is how far the changes of a cluster have been exported, so that each is exported once although an observer that was late finds some twice.
type position struct {
	// version is the resource version of the last event. What was published with it or before it was exported, or was replaced before it could be.
	version uint64
	// ahead has the versions of objects that were exported from all that is served, before the events of these versions come; top is the highest.
	ahead map[usage.Key]uint64
	top   uint64
	// lost is true where the last call found that events were lost, of objects that are gone too.
	lost bool
	// reused is the memory of what the last call returned.
	reused []change
}

// change is one of what is served.
type change struct {
	usage.Event
	// found is true where it is not from an event but from all that is served, whose readings may be newer than the usage.
	found bool
	// before is what was exported of the object, and gone is true where the event is that again, because nothing follows.
	before exported
	gone   bool
	// passed is how many containers of before lie behind those whose records were made.
	passed int
}

// changes returns what has changed since the last call, without waiting for more. It is valid until the next call.
func (p *position) changes(o *usage.Observer) (all []change) {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	batch, err := o.Receive(now)
	if err != nil {
		p.lost = false
		return nil // Nothing has changed.
	}
	all = slices.Grow(p.reused, len(batch.Events))
	if p.lost = batch.Resync; p.lost {
		all = p.found(o, all)
	}
	for _, e := range batch.Events {
		if p.isNew(e) {
			all = append(all, change{Event: e})
		}
		if p.version = e.ResourceVersion; p.version >= p.top {
			p.ahead = nil
		}
	}
	p.reused = reusable(all)
	return all
}

// maxReused bounds the changes whose memory is kept: those of a second, and not those of a start.
const maxReused = 8192

// reusable returns the memory of changes for the next ones, unless it is too much.
func reusable(all []change) []change {
	if cap(all) > maxReused {
		return nil
	}
	return all[:0]
}

// found appends what is served and was not exported.
func (p *position) found(o *usage.Observer, all []change) []change {
	for e := range o.All() {
		if !p.isNew(e) {
			continue
		}
		all = append(all, change{Event: e, found: true})
		if p.ahead == nil {
			p.ahead = map[usage.Key]uint64{}
		}
		p.ahead[e.Key], p.top = e.ResourceVersion, max(p.top, e.ResourceVersion)
	}
	return all
}

func (p *position) isNew(e usage.Event) bool {
	return e.ResourceVersion > p.version && e.ResourceVersion > p.ahead[e.Key]
}
