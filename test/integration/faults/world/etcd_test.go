package world

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/parts"
)

const (
	// etcdStops and etcdRuns are how long etcd stands still and works, in turns.
	etcdStops, etcdRuns = 1500 * time.Millisecond, 300 * time.Millisecond
)

// TestSlowEtcd has etcd stand still most of the time. Clients that Plimsoll has authorized are served as before, and those of the API server too.
func TestSlowEtcd(t *testing.T) {
	client := direct(t, env.Server, "slow-etcd")
	settle(t, client)
	etcd, err := env.Process(parts.Etcd)
	if err != nil {
		t.Fatal(err)
	}
	served := repeat(t, 50*time.Millisecond, autoscalerCall(client))
	through := repeat(t, 50*time.Millisecond, autoscalerCall(aggregated(t, "slow-etcd")))
	found := repeat(t, 250*time.Millisecond, discovery)
	seen := watch(t, client, 500*time.Millisecond)
	from := time.Now()
	pause(t, 5*time.Second)
	slow := time.Now()
	t.Cleanup(func() { _ = etcd.Resume() }) // It has ended if this fails, which other tests notice.
	for time.Since(slow) < size.away {
		if err := etcd.Suspend(); err != nil {
			t.Fatal(err)
		}
		pause(t, etcdStops)
		if err := etcd.Resume(); err != nil {
			t.Fatal(err)
		}
		pause(t, etcdRuns)
	}
	fast := time.Now()
	pause(t, 3*time.Second)
	for _, c := range []*calls{served, through, found} {
		c.end()
	}
	seen.end()
	to := time.Now()
	clients := map[string]*calls{"direct": served, "through the API server": through, "discovery": found}
	in := func(from, to time.Time) (text string) {
		for _, name := range slices.Sorted(maps.Keys(clients)) {
			text += fmt.Sprintf("%s: %v; ", name, clients[name].between(from, to))
		}
		return text + seen.between(from, to).String()
	}
	result{before: in(from, slow), during: in(slow, fast), after: in(fast, to), again: "at once"}.keep(t,
		fmt.Sprintf("etcd stands still for %s in each %s, for %s", etcdStops, etcdStops+etcdRuns, fast.Sub(slow).Round(time.Second)))
	for name, c := range clients {
		c.between(from, to).requireServed(t, name)
	}
	seen.between(from, to).requireComplete(t, "throughout", size.resolution+2*time.Second)
}
