package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"k8s.io/apiserver/pkg/server/healthz"
	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/cluster"
)

// The startup of one cluster, step by step:
//
//  1. The server listens. Discovery and /livez are served; a list of nodes or pods is refused with the message of Ready.
//  2. The cluster lists its nodes. The collector makes an initial attempt with each node as soon as the node is known.
//  3. AwaitInitial returns: the initial attempts have ended, or none has ended for 1.5 s, because the kubelets of the others are slow or gone. The
//     cluster lists its pods only then: the list and the collection both need the CPU, and the list fits into the time until step 5.
//  4. The pods are known. The store publishes the usage of the pods that was collected before.
//  5. A second reading of each node gives the first CPU rates. pkg/scrape/startup.go has when a kubelet is scraped for it.
//  6. Nine of ten nodes are settled. Ready is nil from then on: lists are served and /readyz passes.
//
// Where the API server does not return the lists of nodes and pods, step 3 or 4 waits for it; maxNotReady ends the effect on /readyz.

const (
	// maxPodsWait limits step 3.
	maxPodsWait = 15 * time.Second
	// maxNotReady is how long steps 1 to 5 may keep /readyz from passing, from the first probe on. It is longer than the ten minutes after which a
	// Deployment gives up a rollout, so that an installation that cannot scrape never replaces one that can. It is limited, because an API
	// without a ready server blocks the deletion of every namespace.
	maxNotReady = 15 * time.Minute
)

// startup is the way of one cluster from the start of the process to its first truthful response. It is safe for concurrent use.
type startup struct {
	collector Collector
	// synced is true once the cluster's nodes and pods are known.
	synced func() bool
	// hasUsage is true where a node or a pod has usage that may be served.
	hasUsage func() bool
	clock    clock.PassiveClock

	// mu guards what follows.
	mu sync.Mutex
	// firstProbe is when Ready was called first; zero before.
	firstProbe time.Time
	// over is true from step 6 on, also when kubelets fail later.
	over bool
}

// newStartup has the cluster wait with its list of pods until step 3 is over.
func newStartup(c *cluster.Cluster, collector Collector, hasUsage func() bool) *startup {
	s := &startup{collector: collector, synced: c.Synced, hasUsage: hasUsage, clock: clock.RealClock{}}
	c.PodsAfter(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, maxPodsWait)
		defer cancel()
		collector.AwaitInitial(ctx)
	})
	return s
}

var errListing = errors.New(cause.APIListing.Message())

// Ready is nil once nine of ten nodes have usage or a known reason why they have none, and not all of them the latter. Before then the error names
// what is awaited: a list would look like that of a cluster that uses nothing.
func (s *startup) Ready() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return nil
	}
	if s.firstProbe.IsZero() {
		s.firstProbe = s.clock.Now()
	}
	if !s.synced() {
		return errListing
	}
	p := s.collector.Progress()
	switch {
	case p.Settled*10 < p.Nodes*9:
		return fmt.Errorf("%s: %s", cause.APICollecting.Message(), p)
	case p.Nodes > 0 && p.AllFailing() == p.Nodes && !s.hasUsage():
		return fmt.Errorf("%s: %s", cause.APIFailing.Message(), p)
	}
	s.over = true
	return nil
}

// Expired is non-nil where no node and no pod has usage that may still be served. The error counts the nodes by what they wait for, or why they fail.
func (s *startup) Expired() error {
	if s.hasUsage() {
		return nil
	}
	return fmt.Errorf("%s: %s", cause.APIExpired.Message(), s.collector.Progress())
}

// readyCheck is the check /readyz/first-numbers. It fails with the error of Ready, until maxNotReady has passed.
func (s *startup) readyCheck() healthz.HealthChecker {
	return healthz.NamedCheck("first-numbers", func(*http.Request) error {
		err := s.Ready()
		s.mu.Lock()
		defer s.mu.Unlock()
		if err != nil && s.clock.Since(s.firstProbe) >= maxNotReady {
			return nil
		}
		return err
	})
}
