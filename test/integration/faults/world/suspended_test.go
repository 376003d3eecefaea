package world

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// TestProcessSuspended stops Plimsoll's process and continues it, while the load of some pods changes twice. Each rate that is served afterwards is the
// true average over its window, and no usage is older than the maximum age.
func TestProcessSuspended(t *testing.T) {
	client := direct(t, env.Server, "suspended")
	settle(t, client)
	seen := watch(t, client, 250*time.Millisecond)
	served := repeat(t, 100*time.Millisecond, autoscalerCall(aggregated(t, "suspended")))
	from := time.Now()
	pause(t, 3*time.Second)

	stopped := time.Now()
	if err := env.Server.Suspend(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = env.Server.Resume() }) // It has ended if this fails, which other tests notice.
	pause(t, size.away/4)
	changed := changeLoad(t, 3)
	pause(t, size.away/2)
	changeLoad(t, 0.5)
	pause(t, size.away/4)
	resumed := time.Now()
	if err := env.Server.Resume(); err != nil {
		t.Fatal(err)
	}
	poll.Eventually(t, size.resolution+5*time.Second, func(ctx context.Context) error {
		v, err := read(ctx, client)
		if err != nil {
			return err
		}
		return v.complete(v.at.Sub(resumed))
	})
	fresh := time.Since(resumed)
	pause(t, 2*size.resolution)
	seen.end()
	served.end()
	to := time.Now()

	result{
		before: fmt.Sprintf("%v; through the API server: %v", seen.between(from, stopped.Add(-underWay)), served.between(from, stopped.Add(-underWay))),
		during: fmt.Sprintf("through the API server: %v", served.between(stopped, resumed)),
		after: fmt.Sprintf("%v; through the API server: %v; the load of %d containers had changed twice",
			seen.between(resumed, to), served.between(resumed.Add(time.Second), to), changed),
		again: fmt.Sprintf("%.1f s", fresh.Seconds()),
	}.keep(t, fmt.Sprintf("process stopped for %s and continued", resumed.Sub(stopped).Round(time.Second)))
	seen.between(from, stopped.Add(-underWay)).requireComplete(t, "before", size.resolution+2*time.Second)
	after := seen.between(resumed, to)
	after.requireRight(t, "after")
	if after.compared < size.nodes || after.age > size.maxAge()+time.Second {
		t.Errorf("after: %v, want no usage that is older than the maximum age", after)
	}
	if fresh > size.resolution+2*time.Second {
		t.Errorf("all usage was fresh after %s, want one resolution and a second for the spread, and one for whole seconds", fresh)
	}
	served.between(to.Add(-size.resolution), to).requireServed(t, "the client of the API server, afterwards")
}

// changeLoad gives the containers of every third pod of the population another rate, and returns how many. The end of the test gives them back their own.
func changeLoad(t *testing.T, factor float64) (changed int) {
	t.Helper()
	for i, p := range env.Fleet.Pods() {
		if i%3 > 0 || !strings.HasPrefix(p.Namespace, "team-") {
			continue
		}
		own := fleet.Pod{Namespace: p.Namespace, Name: p.Name, UID: p.UID, Containers: p.Containers}
		t.Cleanup(func() { addPod(t, p.Node, own) })
		other := own
		other.Containers = nil
		for _, c := range p.Containers {
			c.CPU *= factor
			other.Containers = append(other.Containers, c)
			changed++
		}
		addPod(t, p.Node, other)
	}
	return changed
}

func addPod(t *testing.T, node string, pod fleet.Pod) {
	t.Helper()
	if err := env.Fleet.AddPod(node, pod); err != nil {
		t.Error(err)
	}
}
