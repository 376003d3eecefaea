package watchcache

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxFormer is how many former objects are kept, and maxFormerAge for how long at the most.
	maxFormer    = 4096
	maxFormerAge = 10 * time.Minute
	// maxIssued is how many versions of the first moments are kept.
	maxIssued = 1 << 17
)

// formerObject is what an object was before it was deleted or served in another way.
type formerObject[O comparable, U any] struct {
	// version is about that of the change.
	version uint64
	object  O
	// used is the last usage; nil where there was none.
	used *U
}

// history has the former objects, the oldest first. A client that resumes a watch may still have them. It is safe for concurrent use.
type history[O comparable, U any] struct {
	mu sync.Mutex
	// all are in the order of their versions.
	all []formerObject[O, U]
	// complete is the version from which on all objects are known; 0 before. dropped is that of the newest former object that was dropped.
	complete, dropped uint64
	// slack is by how much a version of another replica may be ahead of what that replica knows of objects that are gone.
	slack uint64
	// settled is complete and the slack. A version between the two may be one of a replica that does not know yet what was gone before this one began: only
	// those are accepted that this one has issued itself.
	settled atomic.Uint64
	issued  map[uint64]struct{}
}

// add keeps a former object.
func (h *history[O, U]) add(f formerObject[O, U]) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if n := len(h.all); n > 0 {
		f.version = max(f.version, h.all[n-1].version)
	}
	h.all = append(h.all, f)
	drop := max(len(h.all)-maxFormer, 0)
	for oldest := f.version - min(f.version, micros(maxFormerAge)); h.all[drop].version < oldest; {
		drop++
	}
	if drop > 0 {
		h.dropped = h.all[drop-1].version
		clear(h.all[:drop])
		h.all = h.all[drop:]
	}
}

// since returns the former objects that are newer than a version less the slack; false where some of them may not be known. The slice is the
// caller's.
func (h *history[O, U]) since(version uint64) ([]formerObject[O, U], bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.reaches(version) {
		return nil, false
	}
	at := len(h.all)
	for from := version - min(version, h.slack); at > 0 && h.all[at-1].version > from; {
		at--
	}
	return slices.Clone(h.all[at:]), true
}

// has is true where since would return what is newer than the version.
func (h *history[O, U]) has(version uint64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.reaches(version)
}

// reaches is has for a caller that holds mu.
func (h *history[O, U]) reaches(version uint64) bool {
	if h.complete == 0 || version < h.complete || version-min(version, h.slack) < h.dropped {
		return false
	}
	_, own := h.issued[version]
	return own || version >= h.settled.Load()
}

// begin has the history be complete from a version on.
func (h *history[O, U]) begin(version uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.complete, h.issued = version, map[uint64]struct{}{}
	h.settled.Store(version + h.slack)
}

// issue notes that a version is sent to clients.
func (h *history[O, U]) issue(version uint64) {
	if version >= h.settled.Load() {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.issued) < maxIssued {
		h.issued[version] = struct{}{}
	}
}

// micros is a duration in the unit of resource versions.
func micros(d time.Duration) uint64 { return uint64(d.Microseconds()) }
