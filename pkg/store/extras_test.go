package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// interval is the time from one further response to the next.
const interval = time.Minute

// instance is a container that began so many seconds after the beginning, with 100m of CPU and 7 bytes of memory.
func (b *env) instance(began int) sample.Container {
	c := b.use("a", b.clock.Since(start.Add(time.Duration(began)*time.Second)).Seconds()/10, 7)
	c.Start = start.Add(time.Duration(began) * time.Second).UnixNano()
	return c
}

func (b *env) disk(uid string, began int) *sample.Node {
	use := func(bytes uint64) sample.Usage {
		return sample.Usage{Extra: sample.ExtraReadings{{Resource: sample.EphemeralStorage, Reading: sample.Reading{Known: true, Value: bytes}}}}
	}
	c := sample.Container{Name: "a", Usage: use(5)}
	c.Start = start.Add(time.Duration(began) * time.Second).UnixNano()
	return &sample.Node{Usage: use(9), Pods: []sample.Pod{{Namespace: "ns", Name: "p", UID: uid, Containers: []sample.Container{c}}}}
}

func diskOf(bytes uint64) usage.Extras {
	return usage.Extras{{Resource: sample.EphemeralStorage, Value: bytes}}
}

func TestDisksAreServedWithTheNextScrape(t *testing.T) {
	with := usage.Container{Name: "a", CPU: 1e8, Memory: 7, Extra: diskOf(5)}
	without := usage.Container{Name: "a", CPU: 1e8, Memory: 7}
	tests := []struct {
		name string
		// put is what the kubelet reported of disks, and later how many seconds passed until the scrape.
		put   func(b *env) *sample.Node
		later int
		want  usage.Container
		node  bool
	}{
		{"of this instance", func(b *env) *sample.Node { return b.disk("u", 0) }, 15, with, true},
		{"until they are too old", func(b *env) *sample.Node { return b.disk("u", 0) }, 179, with, true},
		{"and no longer", func(b *env) *sample.Node { return b.disk("u", 0) }, 180, without, false},
		{"of the instance before", func(b *env) *sample.Node { return b.disk("u", -100) }, 15, without, true},
		{"of another pod of that name", func(b *env) *sample.Node { return b.disk("v", 0) }, 15, without, true},
		{"of nothing", func(*env) *sample.Node { return &sample.Node{} }, 15, without, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newEnv(t, maxAge)
			b.run("n", "p", "u", "a")
			put := func() {
				c := b.instance(0)
				b.store.Put(Identity{Name: "n"}, &sample.Node{Usage: c.Usage, Pods: pods(named("p", c))})
			}
			b.advance(15)
			put()
			b.store.PutExtra(Identity{Name: "n"}, sample.FullSummary, tt.put(b), interval)
			b.advance(tt.later - 15)
			put()
			b.advance(15)
			put()
			got, _ := b.pod("n", "ns", "p", "u")
			if diff := cmp.Diff([]usage.Container{tt.want}, got.Containers); diff != "" {
				t.Errorf("containers (-want +got):\n%s", diff)
			}
			want := usage.Extras(nil)
			if tt.node {
				want = diskOf(9)
			}
			n, _ := b.node("n")
			if diff := cmp.Diff(want, n.Extra); diff != "" {
				t.Errorf("node (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDisksOfAnotherNodeAreRejected(t *testing.T) {
	tests := []struct {
		name     string
		id       Identity
		node     string
		rejected uint32
	}{
		{"a node that was never scraped", Identity{Name: "m"}, "n", 0},
		{"another boot of the node", Identity{Name: "n", Boot: "2"}, "n", 0},
		{"a pod that is bound elsewhere", Identity{Name: "n"}, "m", 1},
		{"an unknown pod", Identity{Name: "n"}, "", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newEnv(t, maxAge)
			b.store.Put(Identity{Name: "n"}, &sample.Node{Usage: b.usage(1, 7)})
			if tt.node != "" {
				b.run(tt.node, "p", "u", "a")
			}
			rejected := b.store.PutExtra(tt.id, sample.FullSummary, b.disk("u", 0), interval)
			if got := rejected[sample.Foreign]; got != tt.rejected {
				t.Errorf("%d were rejected as foreign, want %d", got, tt.rejected)
			}
			entry := b.store.find("n")
			if kept := entry.self.extras != nil; kept != (tt.rejected > 0) || len(entry.pods) > 0 {
				t.Errorf("extra resources are kept of the node: %t, of %d pods", kept, len(entry.pods))
			}
		})
	}
}

func TestDisksAreDeletedWithTheirNode(t *testing.T) {
	b := newEnv(t, maxAge)
	put := func(boot string, cpu float64) {
		b.advance(15)
		b.store.Put(Identity{Name: "n", Boot: boot}, &sample.Node{Usage: b.usage(cpu, 7)})
	}
	put("1", 100)
	b.store.PutExtra(Identity{Name: "n", Boot: "1"}, sample.FullSummary, b.disk("u", 0), interval)
	put("1", 101)
	if n, _ := b.node("n"); len(n.Extra) == 0 {
		t.Fatalf("before the reboot: %+v", n)
	}
	put("2", 1)
	put("2", 2)
	if n, ok := b.node("n"); !ok || len(n.Extra) > 0 {
		t.Errorf("after the reboot: %+v, %t", n, ok)
	}
}
