package store

import (
	"testing"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// suggestion is what the other endpoint reports of one container: a rate in nanocores.
func (b *env) suggestion(pod, uid, name string, rate uint64) *sample.Node {
	c := sample.Container{Name: name}
	c.Rate = sample.Reading{Known: true, Time: b.clock.Now().UnixNano(), Value: rate}
	n := &sample.Node{Pods: pods(named(pod, c))}
	n.Pods[0].UID = uid
	return n
}

func TestKubeletRatesAreServedUntilThereAreTwoReadings(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a")
	first := b.put("n", pods(named("p", b.use("a", 100, 7))))
	if first.FirstSeen != 1 || first.WithoutRate != 1 {
		t.Errorf("after one scrape: %+v", first)
	}
	b.advance(2)
	second := b.put("n", pods(named("p", sample.Container{Name: "a", Usage: usageAt(start, 100, 7)})))
	if second.FirstSeen != 0 || second.WithoutRate != 1 {
		t.Errorf("after a second scrape at the same reading: %+v", second)
	}
	b.want(shown{})
	b.store.PutKubeletRates(Identity{Name: "n"}, b.suggestion("p", "u", "a", 250e6))
	b.want(shown{2, 15, "a=250ms/7ns"})
	b.advance(13)
	b.put("n", pods(named("p", b.use("a", 101.5, 8))))
	b.want(shown{0, 15, "a=100ms/8ns"})
	b.store.PutKubeletRates(Identity{Name: "n"}, b.suggestion("p", "u", "a", 250e6))
	b.want(shown{0, 15, "a=100ms/8ns"})
}

func TestRejectedKubeletRates(t *testing.T) {
	tests := []struct {
		name string
		id   Identity
		uid  string
		rate uint64
	}{
		{"another pod of that name", Identity{Name: "n"}, "other", 250e6},
		{"no rate", Identity{Name: "n"}, "u", 0},
		{"another boot of the node", Identity{Name: "n", Boot: "2"}, "u", 250e6},
		{"more than the node has", Identity{Name: "n"}, "u", 1 << 62},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newEnv(t, maxAge)
			b.run("n", "p", "u", "a")
			b.store.Put(Identity{Name: "n", CPU: 4e9}, &sample.Node{Pods: pods(named("p", b.use("a", 100, 7)))})
			tt.id.CPU = 4e9
			b.store.PutKubeletRates(tt.id, b.suggestion("p", tt.uid, "a", tt.rate))
			b.want(shown{})
		})
	}
}

// TestKubeletRatesOfWhatWasNotReported change nothing.
func TestKubeletRatesOfWhatWasNotReported(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a")
	b.put("n", nil)
	for _, pod := range []string{"p", "unknown"} {
		b.store.PutKubeletRates(Identity{Name: "n"}, b.suggestion(pod, "u", "a", 250e6))
	}
	b.want(shown{})
	b.put("n", pods(named("p", b.use("a", 100, 7))))
	b.store.PutKubeletRates(Identity{Name: "n"}, b.suggestion("p", "u", "other", 250e6))
	b.want(shown{})
	b.run("n", "p", "created again", "a")
	b.store.PutKubeletRates(Identity{Name: "n"}, b.suggestion("p", "created again", "a", 250e6))
	if got := b.show("n", "p", "created again"); got != (shown{}) {
		t.Errorf("the pod that was created again is served with the readings of the one before: %+v", got)
	}
	b.want(shown{})
}

func TestKubeletRateOfTheNode(t *testing.T) {
	b := newEnv(t, maxAge)
	b.store.Put(Identity{Name: "n"}, &sample.Node{Usage: b.usage(10, 5)})
	n := &sample.Node{}
	n.Rate = sample.Reading{Known: true, Value: 3e8}
	b.store.PutKubeletRates(Identity{Name: "n"}, n)
	if got, ok := b.node("n"); !ok || got.CPU != 3e8 || got.Memory != 5 {
		t.Errorf("got %+v, %t", got, ok)
	}
}

// TestWhatStillHasNoRateIsCounted counts what the newest scrape has reported and what misses nothing but a rate.
func TestWhatStillHasNoRateIsCounted(t *testing.T) {
	b := newEnv(t, maxAge)
	for pod, containers := range map[string][]string{"p": {"a"}, "q": {"a"}, "r": {"a", "b"}} {
		b.run("n", pod, "uid of "+pod, containers...)
	}
	scrape := func(cpu float64, reported ...sample.Pod) int {
		b.advance(15)
		b.store.Put(Identity{Name: "n"}, &sample.Node{Usage: b.usage(cpu, 5), Pods: reported})
		return b.store.PutKubeletRates(Identity{Name: "n"}, &sample.Node{})
	}
	if got := scrape(1, named("p", b.use("a", 1, 7)), named("q", b.use("a", 1, 7)), named("r", b.use("b", 1, 7))); got != 3 {
		t.Errorf("after one scrape %d, want 3: the node and two pods, of which no container is missing", got)
	}
	if got := scrape(2, named("p", b.use("a", 2, 7))); got != 0 {
		t.Errorf("after a second scrape %d, want 0: one pod is not reported any more", got)
	}
}
