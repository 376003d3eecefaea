package engine

import (
	"sync/atomic"
	"time"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// node is one node whose usage is read from an engine. The collector's mu guards it, apart from gone.
type node struct {
	id    store.Identity
	shard *shard
	// gone is set once the node is removed: nothing is put any more, not even by a poll that is under way.
	gone *atomic.Bool
	// standby is true where the node was on standby at the newest poll.
	standby bool
	status
}

// status is the result of the polls of a node.
type status struct {
	// succeeded is true where the newest poll brought the node's usage. cause is why it did not, since when for that cause, and details are what
	// it leaves out. With neither no poll has ended.
	succeeded bool
	cause     cause.Cause
	since     time.Time
	details   string
	// lastSuccess is when a poll last brought usage, and rejected are the readings that were rejected so far.
	lastSuccess time.Time
	rejected    sample.Rejections
	// replica is the replica whose series were read last, and found what they show of the engine.
	replica string
	found   found
	// starts are the start times of the containers in seconds, as far as they are known.
	starts map[subject]float64
	// newest is the time of the newest CPU sample so far in milliseconds, and advanced when a poll first had it; zero before.
	newest   int64
	advanced time.Time
	// firstSuccess is when a poll first brought usage; zero before. settled is true once there is usage for every pod, or a known reason why not.
	firstSuccess time.Time
	settled      bool
	// unpolled is true while a poll is awaited, as the collector counts it.
	unpolled bool
}

// settleTime is how long a node may take until all its pods have a rate.
const settleTime = time.Minute

func newNode(n *cluster.Node) *node {
	made := &node{gone: &atomic.Bool{}}
	made.set(n)
	return made
}

// set takes over what the object of the node declares. Nothing is kept of an earlier node of the name.
func (n *node) set(of *cluster.Node) {
	if n.id.UID != of.UID {
		n.status = status{unpolled: n.unpolled}
	}
	n.id = store.Identity{Name: of.Name, UID: of.UID, Boot: of.Boot, CPU: of.CPU, Memory: of.Memory, Gone: n.gone, Reporter: "the engine"}
}

// succeed keeps the result of a poll that brought usage.
func (s *status) succeed(r store.PutResult, a *nodeResponse, now time.Time) {
	s.lastSuccess = now
	s.rejected.Merge(r.Rejected)
	if s.firstSuccess.IsZero() {
		s.firstSuccess = now
	}
	s.succeeded, s.cause, s.details, s.replica, s.found = true, cause.None, "", a.replica, a.found()
	s.starts = a.starts
	s.settled = s.settled || r.WithoutRate == 0 || now.Sub(s.firstSuccess) >= settleTime
}

// see keeps the newest sample of a response, if there is a response.
func (s *status) see(a *nodeResponse, isNew bool, now time.Time) {
	if a.newest != 0 && (isNew || s.newest == 0) {
		s.newest, s.advanced = a.newest, now
	}
}

// fail keeps why a poll brought no usage.
func (s *status) fail(err error, now time.Time) {
	failed := causeOf(err)
	if s.cause != failed {
		s.since = now
	}
	s.succeeded, s.cause, s.details, s.settled, s.starts = false, failed, detailsOf(err), true, nil
}
