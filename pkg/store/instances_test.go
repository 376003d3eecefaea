package store

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

func TestOnlyThePodsOwnNodeReportsForIt(t *testing.T) {
	for seed := range uint64(100) {
		b := newEnv(t, maxAge)
		b.run("n", "p", "u", "a")
		r := rand.New(rand.NewPCG(seed, 0))
		for i := range 3 {
			b.advance(15)
			report := []func(){
				func() { b.put("n", pods(named("p", b.use("a", 100+float64(i)*1.5, 7)))) },
				func() {
					if s := b.put("other", pods(named("p", b.use("a", 9+float64(i)*9, 9)))); s.Rejected[sample.Foreign] != 1 {
						t.Errorf("got %d foreign pods, want 1", s.Rejected[sample.Foreign])
					}
				},
			}
			r.Shuffle(len(report), func(i, j int) { report[i], report[j] = report[j], report[i] })
			report[0]()
			report[1]()
		}
		b.want(shown{0, 15, "a=100ms/7ns"})
		if got := b.show("other", "p", "u"); got.Containers != "" {
			t.Errorf("the other node serves %v", got)
		}
	}
}

func TestNewPodOfTheSameNameInheritsNothing(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "old", "a")
	for i := range 2 {
		b.advance(15)
		b.put("n", pods(named("p", b.use("a", 100+float64(i), 7))))
	}
	b.run("n", "p", "u", "a")
	b.want(shown{})
	b.advance(15)
	b.put("n", pods(named("p", b.use("a", 102, 7))))
	b.want(shown{})
	b.advance(15)
	b.put("n", pods(named("p", b.use("a", 105, 7))))
	b.want(shown{0, 15, "a=200ms/7ns"})
}

func TestKubeletsUIDIsComparedUnlessThePodIsStatic(t *testing.T) {
	for _, static := range []bool{false, true} {
		b := newEnv(t, maxAge)
		b.pods["ns/p"] = Expected{Node: "n", UID: "u", Static: static, Containers: []string{"a"}}
		for i := range 2 {
			b.advance(15)
			p := named("p", b.use("a", 100+float64(i)*1.5, 7))
			p.UID = "hash"
			b.put("n", pods(p))
		}
		want := shown{}
		if static {
			want = shown{0, 15, "a=100ms/7ns"}
		}
		b.want(want)
	}
}

func TestNodeWithANewUIDInheritsNothing(t *testing.T) {
	tests := []struct {
		name        string
		first, next Identity
		forget      bool
	}{
		{"the same", Identity{Name: "n", UID: "1", Boot: "x"}, Identity{Name: "n", UID: "1", Boot: "x"}, false},
		{"created again", Identity{Name: "n", UID: "1", Boot: "x"}, Identity{Name: "n", UID: "2", Boot: "x"}, true},
		{"rebooted", Identity{Name: "n", UID: "1", Boot: "x"}, Identity{Name: "n", UID: "1", Boot: "y"}, true},
		{"the UID is learned late", Identity{Name: "n", Boot: "x"}, Identity{Name: "n", UID: "1", Boot: "x"}, false},
		{"the boot is learned late", Identity{Name: "n", UID: "1"}, Identity{Name: "n", UID: "1", Boot: "x"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newEnv(t, maxAge)
			b.store.Put(tt.first, &sample.Node{Usage: b.usage(10, 5)})
			b.advance(60)
			b.store.Put(tt.next, &sample.Node{Usage: b.usage(14, 5)})
			if _, ok := b.node("n"); ok == tt.forget {
				t.Errorf("served: %t, want %t", ok, !tt.forget)
			}
		})
	}
}

func TestDeletedPodsAreDropped(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a")
	b.put("n", pods(named("p", b.use("a", 1, 1)), named("unknown", b.use("a", 1, 1))))
	if got := len(b.store.nodes["n"].pods); got != 2 {
		t.Fatalf("holds %d pods, want 2", got)
	}
	b.advance(15)
	b.put("n", nil)
	if got := len(b.store.nodes["n"].pods); got != 1 {
		t.Errorf("a pod without an object is still entry: %d pods, want 1", got)
	}
	b.advance(121)
	b.put("n", nil)
	if got := len(b.store.nodes["n"].pods); got != 0 {
		t.Errorf("a pod that was unavailable for long is still entry: %d pods", got)
	}
	b.store.Delete("n")
	if len(b.store.nodes) != 0 {
		t.Error("a deleted node is still entry")
	}
}

func TestNoRateIsComputedAcrossAnOutage(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a")
	for i := range 2 {
		b.advance(15)
		b.put("n", pods(named("p", b.use("a", 100+float64(i)*1.5, 7))))
	}
	b.advance(3 * 3600)
	if s := b.put("n", pods(named("p", b.use("a", 9000, 7)))); s.FirstSeen != 1 {
		t.Errorf("%d pods were seen for the first time after the outage, want 1", s.FirstSeen)
	}
	b.want(shown{})
	b.advance(2)
	b.put("n", pods(named("p", b.use("a", 9000.2, 7))))
	b.want(shown{0, 2, "a=100ms/7ns"})
}

// TestClockThatIsSetBackIsAcceptedInTheEnd has a node's clock go back by an hour.
func TestClockThatIsSetBackIsAcceptedInTheEnd(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a")
	late := func(cpu float64) sample.Container {
		return sample.Container{Name: "a", Usage: usageAt(b.clock.Now().Add(-time.Hour), cpu, 7)}
	}
	for i := range 2 {
		b.advance(15)
		b.put("n", pods(named("p", b.use("a", 100+float64(i)*1.5, 7))))
	}
	for i := range 12 {
		b.advance(15)
		b.put("n", pods(named("p", late(103+float64(i)*1.5))))
	}
	if got := b.show("n", "p", "u"); got.Containers != "a=100ms/7ns" || got.Age != 3600 {
		t.Errorf("three minutes later: %+v", got)
	}
}

// TestContainersOfTheOldPodAreNotTheNewPods has a pod created again under its name while the containers of the old one still
// run. The text format has no UID that distinguishes them.
func TestContainersOfTheOldPodAreNotTheNewPods(t *testing.T) {
	b := newEnv(t, maxAge)
	b.advance(600)
	created := b.clock.Now()
	e := Expected{Node: "n", UID: "u", Created: created.UnixNano(), Containers: []string{"a"}}
	old := func(cpu float64) sample.Container {
		c := b.use("a", cpu, 7)
		c.Start = start.UnixNano()
		return c
	}
	b.pods["ns/p"] = e
	for i := range 2 {
		b.advance(15)
		if s := b.put("n", pods(named("p", old(100+float64(i))))); s.Rejected[sample.OlderInstance] != 1 {
			t.Errorf("rejected %v", s.Rejected)
		}
	}
	b.want(shown{})
	e.Static = true
	b.pods["ns/p"] = e
	for i := range 2 {
		b.advance(15)
		b.put("n", pods(named("p", old(102+float64(i)*1.5))))
	}
	b.want(shown{0, 15, "a=100ms/7ns"})
}

func TestClockThatIsAheadIsReported(t *testing.T) {
	b := newEnv(t, maxAge)
	b.store.Put(Identity{Name: "on-time"}, &sample.Node{Usage: b.usage(100, 7)})
	b.run("n", "p", "u", "a")
	for i := range 2 {
		b.advance(15)
		u := usageAt(b.clock.Now().Add(2*time.Minute), 100+float64(i), 7)
		n := &sample.Node{Usage: u, Pods: pods(named("p", sample.Container{Name: "a", Usage: u}))}
		b.store.Put(Identity{Name: "n"}, n)
	}
	b.want(shown{})
	for _, why := range []string{b.store.PodMessage("n", "ns", "p"), b.store.NodeMessage("n")} {
		if !strings.Contains(why, "clock") {
			t.Errorf("the message is %q", why)
		}
	}
}
