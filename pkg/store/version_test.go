package store

import (
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

func TestResourceVersionIsTheTimeOrOneMore(t *testing.T) {
	second := int64(time.Second)
	at := start.UnixNano()
	micros := uint64(start.UnixMicro())
	var p publisher
	for _, step := range []struct {
		name string
		now  int64
		want uint64
	}{
		{"the first", at, micros},
		{"in the same microsecond", at + 999, micros + 1},
		{"a second later", at + second, micros + 1e6},
		{"after the clock was set back", at - 3600*second, micros + 1e6 + 1},
		{"before 1970", -second, micros + 1e6 + 2},
		{"at the end of the clock's range", 1<<63 - 1, micros + 1e6 + 3},
		{"when the clock is right again", at + 2*second, micros + 2e6},
	} {
		if got := p.next(step.now); got != step.want {
			t.Errorf("%s: %d, want %d", step.name, got, step.want)
		}
		if p.last > maxResourceVersion {
			t.Fatalf("%s: above the bound", step.name)
		}
	}
}

// TestResourceVersionsOfReplicasFollowTheClock has a client read from one server, then from another that published later: it must not go back
// in time, however much more the first one had published.
func TestResourceVersionsOfReplicasFollowTheClock(t *testing.T) {
	busy, idle := newEnv(t, maxAge), newEnv(t, maxAge)
	busy.run("n", "p", "u", "a")
	idle.run("n", "p", "u", "a")
	for i := range 100 {
		busy.advance(15)
		busy.put("n", pods(named("p", busy.use("a", 100+float64(i), 7))))
	}
	idle.clock.SetTime(busy.clock.Now().Add(time.Millisecond))
	for i := range 2 {
		idle.advance(15 * i)
		idle.put("n", pods(named("p", idle.use("a", 300+float64(i), 7))))
	}
	first, second := busy.store.Reader().ResourceVersion(), idle.store.Reader().ResourceVersion()
	if first >= second {
		t.Errorf("went from %d to %d", first, second)
	}
	restarted := New(busy.objects, usage.Staleness{MaxAge: maxAge}, clocktesting.NewFakeClock(idle.clock.Now().Add(time.Second)))
	if third := restarted.Reader().ResourceVersion(); third <= second {
		t.Errorf("after a restart it went from %d to %d", second, third)
	}
}

// TestResourceVersionChangesWithWhatIsServed has it stay where a put changes nothing, and grow where usage comes, changes or goes.
func TestResourceVersionChangesWithWhatIsServed(t *testing.T) {
	b := newEnv(t, 0)
	b.run("n", "p", "u", "a")
	still := func() { b.put("n", pods(named("p", b.use("a", 101, 7)))) }
	b.put("n", pods(named("p", b.use("a", 100, 7))))
	for _, step := range []struct {
		name    string
		change  func()
		changes bool
	}{
		{"usage is published", func() { b.advance(15); still() }, true},
		{"nothing new is read", func() {
			u := usageAt(b.clock.Now(), 101, 7)
			b.advance(15)
			b.put("n", pods(named("p", containerOf("a", u))))
		}, false},
		{"the usage changes", func() { b.advance(15); b.put("n", pods(named("p", b.use("a", 103, 8)))) }, true},
		{"the scrape fails", func() { b.store.Fail("n") }, true},
		{"it fails again", func() { b.store.Fail("n") }, false},
		{"the node is deleted, of which nothing is served", func() { b.store.Delete("n") }, false},
	} {
		before := b.store.Reader().ResourceVersion()
		step.change()
		after := b.store.Reader().ResourceVersion()
		if after < before || (after != before) != step.changes {
			t.Errorf("%s: from %d to %d", step.name, before, after)
		}
	}
}
