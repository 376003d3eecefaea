package world

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

const (
	// readyAgain is how long a new process takes until it is ready, and complete until it serves all usage: a second over which the first scrapes
	// are spread, a second and a half until the second ones, and the time of the start itself.
	readyAgain    = 10 * time.Second
	completeAgain = 15 * time.Second
)

// TestKilled kills Plimsoll and starts it again at the same port. It is not ready before it serves usage.
func TestKilled(t *testing.T) {
	client := direct(t, env.Server, "killed")
	settle(t, client)
	served := repeat(t, 100*time.Millisecond, autoscalerCall(aggregated(t, "killed")))
	from := time.Now()
	pause(t, 3*time.Second)
	killed := time.Now()
	restartServer(t)
	ready := untilReady(t, readyAgain)
	v, err := read(t.Context(), client)
	firstNodes, firstPods := v.served()
	if err != nil || firstNodes < size.nodes*9/10 || firstPods < size.nodes*size.podsPerNode*9/10 {
		t.Errorf("ready with usage of %d nodes and %d pods: %v", firstNodes, firstPods, err)
	}
	poll.Eventually(t, completeAgain, func(ctx context.Context) error {
		v, err := read(ctx, client)
		if err != nil {
			return err
		}
		return v.complete(v.at.Sub(killed))
	})
	complete := time.Since(killed)
	poll.Eventually(t, 10*time.Second, autoscalerCall(aggregated(t, "killed")))
	available := time.Now()
	pause(t, size.resolution)
	served.end()
	to := time.Now()
	result{
		before: served.between(from, killed.Add(-underWay)).String(),
		during: fmt.Sprintf("%v; ready after %.2f s, with %d of %d nodes and %d of %d pods", served.between(killed, available),
			ready.Sub(killed).Seconds(), firstNodes, size.nodes, firstPods, size.nodes*size.podsPerNode),
		after: served.between(available, to).String(),
		again: fmt.Sprintf("all usage %.2f s, through the API server %.2f s", complete.Seconds(), available.Sub(killed).Seconds()),
	}.keep(t, "kill -9 and restart")
	served.between(from, killed.Add(-underWay)).requireServed(t, "before")
	served.between(available, to).requireServed(t, "after")
	settle(t, client)
	v, err = read(t.Context(), client)
	if err == nil {
		_, err = v.isTrue()
	}
	if err != nil {
		t.Error(err)
	}
}

// restartServer kills the registered Plimsoll and starts it again.
func restartServer(t *testing.T) {
	t.Helper()
	if err := env.Server.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := env.Server.Again(); err != nil {
		t.Fatal(err)
	}
}

// untilReady polls /readyz until it passes, and fails where it does not within limit. Until then no list may be served.
func untilReady(t *testing.T, limit time.Duration) (ready time.Time) {
	t.Helper()
	config, err := env.Server.ConfigFor("admin", "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); pause(t, 20*time.Millisecond) {
		// The list first: where it is served, /readyz has to pass afterwards.
		listed, _, listErr := cluster.Get(t.Context(), config, "/apis/metrics.k8s.io/v1/pods")
		status, _, err := cluster.Get(t.Context(), config, "/readyz")
		if listErr == nil && listed == http.StatusOK && status != http.StatusOK {
			t.Errorf("a list was served and /readyz had the status %d", status)
		}
		if err == nil && status == http.StatusOK {
			return time.Now()
		}
	}
	t.Fatalf("not ready within %s", limit)
	return ready
}

// TestStartWithoutKubelets kills Plimsoll and starts it again while no kubelet responds. It is live and serves discovery from the start, so that
// a namespace can be deleted, and it is not ready until the kubelets are back.
func TestStartWithoutKubelets(t *testing.T) {
	client := direct(t, env.Server, "no-kubelets")
	settle(t, client)
	createNamespace(t, "no-usage-yet")
	allKubelets(t, fleet.DropConnections())
	begin := time.Now()
	restartServer(t)
	poll.Eventually(t, 10*time.Second, discovery)
	discovered := time.Since(begin)
	found := repeat(t, 250*time.Millisecond, discovery)
	deletion := deleteNamespace(t, "no-usage-yet")
	pause(t, size.resolution)
	if _, err := read(t.Context(), client); err == nil {
		t.Error("a list is served although no kubelet has responded")
	}
	if err := probe(t.Context(), env.Server, "/readyz"); err == nil {
		t.Error("the process is ready although no kubelet has responded")
	}
	back := time.Now()
	allKubelets(t, fleet.Fault{})
	became := untilReady(t, size.resolution+3*time.Second)
	poll.Eventually(t, size.resolution+5*time.Second, func(ctx context.Context) error {
		v, err := read(ctx, client)
		if err != nil {
			return err
		}
		return v.complete(v.at.Sub(back))
	})
	complete := time.Since(back)
	found.end()
	result{
		before: "all usage", after: "all usage",
		during: fmt.Sprintf("live, not ready; discovery after %.2f s: %v; a namespace is deleted in %.1f s",
			discovered.Seconds(), found.between(begin, time.Now()), deletion.Seconds()),
		again: fmt.Sprintf("ready %.2f s and complete %.2f s after the return", became.Sub(back).Seconds(), complete.Seconds()),
	}.keep(t, "restart while no kubelet responds")
	found.between(begin, time.Now()).requireServed(t, "discovery")
}
