package app

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"k8s.io/apiserver/pkg/server/healthz"
	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/pkg/scrape"
)

// readyAtLast is how long the list of the cluster and the first numbers may keep the process from being ready. It is longer than
// the ten minutes after which a Deployment gives up a rollout, so that an installation that cannot scrape never takes the place
// of one that can. It ends, because an API without a ready server blocks the deletion of every namespace.
const readyAtLast = 15 * time.Minute

var errListing = errors.New("the cluster's nodes and pods are still being listed: if this lasts, see the log for the API server's answer")

// warmUp is the time from the start of the process to its first truthful answer.
type warmUp struct {
	// synced is true once the cluster's nodes and pods are known.
	synced func() bool
	// progress is how far the looks at the nodes have come.
	progress func() scrape.Progress
	// served is true where at least one node or pod has numbers.
	served func() bool
	clock  clock.PassiveClock

	// mu guards what follows.
	mu sync.Mutex
	// begun is when it was first asked for; zero before.
	begun time.Time
	// over is set once and stays: later failures of kubelets are theirs.
	over bool
}

// Warming is nil once nine of ten nodes have given numbers, or a reason why they have none, and not all of them the latter.
// Before, an answer would look like a cluster that uses nothing.
func (w *warmUp) Warming() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return nil
	}
	if w.begun.IsZero() {
		w.begun = w.clock.Now()
	}
	if !w.synced() {
		return errListing
	}
	p := w.progress()
	switch {
	case p.Settled*10 < p.Nodes*9:
		return fmt.Errorf("first numbers are being collected: %s", p)
	case p.Nodes > 0 && failing(p) == p.Nodes && !w.served():
		return fmt.Errorf("no kubelet could be scraped yet: %s", p)
	}
	w.over = true
	return nil
}

// Expired is non-nil where no node and no pod has numbers that may still be served, and says how the scrapes of the nodes end.
func (w *warmUp) Expired() error {
	if w.served() {
		return nil
	}
	return fmt.Errorf("no node has numbers that are fresh enough: %s", w.progress())
}

func failing(p scrape.Progress) (n int) {
	for _, nodes := range p.Failing {
		n += nodes
	}
	return n
}

// ready is what is awaited, for as long as that may keep the process from being ready.
func (w *warmUp) ready() error {
	err := w.Warming()
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil && w.clock.Since(w.begun) >= readyAtLast {
		return nil
	}
	return err
}

// readyCheck says in /readyz/first-numbers what is awaited.
func (w *warmUp) readyCheck() healthz.HealthChecker {
	return healthz.NamedCheck("first-numbers", func(*http.Request) error { return w.ready() })
}
