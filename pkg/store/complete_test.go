package store

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

func TestPodKeepsItsLastCompleteUsage(t *testing.T) {
	tests := []struct {
		name string
		odd  func(b *env) []sample.Container
	}{
		{"container missing", func(*env) []sample.Container { return nil }},
		{"no CPU", func(b *env) []sample.Container {
			c := b.use("b", 0, 5)
			c.CPU = sample.Reading{}
			c.Start = start.UnixNano()
			return []sample.Container{c}
		}},
		{"counter fell", func(b *env) []sample.Container { return []sample.Container{b.use("b", 1, 5)} }},
		{"no memory", func(b *env) []sample.Container {
			c := b.use("b", 206, 0)
			c.Memory = sample.Reading{}
			return []sample.Container{c}
		}},
		{"impossible rate", func(b *env) []sample.Container { return []sample.Container{b.use("b", 1e7, 5)} }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newEnv(t, maxAge)
			b.run("n", "p", "u", "a", "b")
			put := func(p []sample.Pod) { b.store.Put(Identity{Name: "n", CPU: 4e9}, &sample.Node{Pods: p}) }
			for i := range 2 {
				b.advance(15)
				put(pods(named("p", b.use("a", 100+float64(i)*1.5, 7), b.use("b", 200+float64(i)*3, 8))))
			}
			b.want(shown{0, 15, "a=100ms/7ns b=200ms/8ns"})
			b.advance(15)
			put(pods(named("p", append(tt.odd(b), b.use("a", 103, 9))...)))
			b.want(shown{15, 15, "a=100ms/7ns b=200ms/8ns"})
			if why := b.store.PodMessage("n", "ns", "p"); !strings.Contains(why, `"b"`) {
				t.Errorf("the message does not name the container: %q", why)
			}
		})
	}
}

func TestIdleContainerKeepsItsReading(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a")
	b.put("n", pods(named("p", b.use("a", 100, 7))))
	b.advance(15)
	still := b.use("a", 101.5, 7)
	b.put("n", pods(named("p", still)))
	before, _ := b.pod("n", "ns", "p", "u")
	b.advance(15)
	b.put("n", pods(named("p", still)))
	after, _ := b.pod("n", "ns", "p", "u")
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the same readings made other usage:\n%s", diff)
	}
	for range 8 {
		b.advance(15)
		b.put("n", pods(named("p", still)))
	}
	b.want(shown{})
}

func TestPodTimeIsTheOldestEndAndItsWindowTheLongest(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a", "b")
	slow := b.use("b", 10, 1)
	b.put("n", pods(named("p", b.use("a", 100, 7), slow)))
	b.advance(10)
	b.put("n", pods(named("p", b.use("a", 101, 7), slow)))
	b.advance(10)
	slow = b.use("b", 12, 2)
	b.put("n", pods(named("p", b.use("a", 102, 7), slow)))
	b.advance(5)
	b.put("n", pods(named("p", b.use("a", 103, 7), slow)))
	b.want(shown{5, 20, "a=200ms/7ns b=100ms/2ns"})
}

func TestUnexpectedContainerHidesNoPod(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a")
	for i := range 2 {
		b.advance(15)
		ended := sample.Container{Name: "init", Usage: sample.Usage{Start: start.UnixNano()}}
		zero := b.use("debug", 0, 0)
		b.put("n", pods(named("p", ended, b.use("a", 100+float64(i)*1.5, 7), zero)))
	}
	b.want(shown{0, 15, "a=100ms/7ns"})
}

func TestZerosAreValues(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a")
	for range 2 {
		b.advance(15)
		b.put("n", pods(named("p", b.use("a", 0, 0))))
	}
	b.want(shown{0, 15, "a=0s/0s"})
}

func TestUsageChangesWithTheExpectedContainers(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a", "b")
	for i := range 2 {
		b.advance(15)
		b.put("n", pods(named("p", b.use("a", 100+float64(i)*1.5, 7), b.use("b", 200+float64(i)*3, 8))))
	}
	b.run("n", "p", "u", "a")
	b.advance(15)
	b.put("n", pods(named("p", b.use("a", 103, 7))))
	b.want(shown{0, 15, "a=100ms/7ns"})
}

func TestMessageOfAMissingPod(t *testing.T) {
	tests := []struct {
		name string
		put  func(b *env)
		want string
	}{
		{"node unknown", func(*env) {}, ""},
		{"pod unknown to the kubelet", func(b *env) { b.put("n", nil) }, "does not report the pod"},
		{"one scrape", func(b *env) { b.put("n", pods(named("p", b.use("a", 1, 1)))) }, "too briefly"},
		{"no container runs", func(b *env) { b.run("n", "p", "u"); b.put("n", pods(named("p"))) }, "no container"},
		{"no memory", func(b *env) {
			c := b.use("a", 1, 1)
			c.Memory = sample.Reading{}
			b.put("n", pods(named("p", c)))
		}, "no memory"},
		{"not reported", func(b *env) { b.put("n", pods(named("p"))) }, "no usage"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newEnv(t, maxAge)
			b.run("n", "p", "u", "a")
			tt.put(b)
			got := b.store.PodMessage("n", "ns", "p")
			if !strings.Contains(got, tt.want) || (tt.want == "") != (got == "") {
				t.Errorf("got %q, want something with %q", got, tt.want)
			}
		})
	}
}

func TestPodIsIncompleteWithoutAStartedContainer(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a")
	for i := range 2 {
		b.advance(15)
		b.put("n", pods(named("p", b.use("a", 100+float64(i)*1.5, 7))))
	}
	b.want(shown{0, 15, "a=100ms/7ns"})
	b.run("n", "p", "u", "a", "b")
	b.advance(15)
	b.put("n", pods(named("p", b.use("a", 103, 7))))
	b.want(shown{})
	b.advance(15)
	b.put("n", pods(named("p", b.use("a", 104.5, 7), b.use("b", 1, 8))))
	b.want(shown{})
	b.advance(15)
	b.put("n", pods(named("p", b.use("a", 106, 7), b.use("b", 4, 8))))
	b.want(shown{0, 15, "a=100ms/7ns b=200ms/8ns"})
}

// TestAChangeIsNotLost has a reading arrive while a sibling is missing, and stay the same when the sibling is back.
func TestAChangeIsNotLost(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a", "b")
	for i := range 2 {
		b.advance(10)
		b.put("n", pods(named("p", b.use("a", 100+float64(i), 7), b.use("b", 200+float64(i)*2, 8))))
	}
	still := b.use("b", 202, 8)
	b.advance(10)
	moved := b.use("a", 104, 9)
	b.put("n", pods(named("p", moved)))
	b.want(shown{10, 10, "a=100ms/7ns b=200ms/8ns"})
	b.advance(10)
	b.put("n", pods(named("p", moved, still)))
	b.want(shown{20, 10, "a=300ms/9ns b=200ms/8ns"})
}

func TestOnlyTheNewestScrapeCountsWithoutAMaximumAge(t *testing.T) {
	b := newEnv(t, 0)
	b.run("n", "p", "u", "a", "b")
	put := func(i int, c ...sample.Container) {
		b.advance(15)
		n := &sample.Node{Usage: b.usage(float64(i), 5), Pods: pods(named("p", c...))}
		if i > 2 {
			n.Memory = sample.Reading{}
		}
		b.store.Put(Identity{Name: "n"}, n)
	}
	for i := range 2 {
		put(i+1, b.use("a", 100+float64(i), 7), b.use("b", 200+float64(i), 8))
	}
	if _, ok := b.node("n"); !ok || b.show("n", "p", "u").Containers == "" {
		t.Fatal("nothing is served after two scrapes")
	}
	put(3, b.use("a", 102, 7))
	b.want(shown{})
	if _, ok := b.node("n"); ok {
		t.Error("the node is served without memory in the newest scrape")
	}
}

// TestContainerInACrashLoop is there all the time: it uses nothing while it waits, and while it is too new for a rate the
// newest complete usage is served.
func TestContainerInACrashLoop(t *testing.T) {
	b := newEnv(t, maxAge)
	idle := func(names ...string) {
		b.pods["ns/p"] = Expected{Node: "n", UID: "u", Containers: []string{"a", "b"}, Idle: names}
	}
	firstSeen := func() sample.Container {
		c := b.use("b", 1, 8)
		c.Start = b.clock.Now().Add(-3 * time.Second).UnixNano()
		return c
	}
	idle("b")
	for i := range 2 {
		b.advance(15)
		b.put("n", pods(named("p", b.use("a", 100+float64(i)*1.5, 7))))
	}
	b.want(shown{0, 15, "a=100ms/7ns b=0s/0s"})
	idle()
	b.advance(15)
	b.put("n", pods(named("p", b.use("a", 103, 7), firstSeen())))
	b.want(shown{15, 15, "a=100ms/7ns b=0s/0s"})
	idle("b")
	b.advance(15)
	b.put("n", pods(named("p", b.use("a", 104.5, 7))))
	b.want(shown{0, 15, "a=100ms/7ns b=0s/0s"})
	idle("a", "b")
	b.advance(15)
	b.put("n", pods(named("p")))
	b.want(shown{15, 15, "a=100ms/7ns b=0s/0s"})
	if why := b.store.PodMessage("n", "ns", "p"); !strings.Contains(why, "no container") {
		t.Errorf("the message is %q", why)
	}
}

// TestMessagesNameWhoReports has usage come from another reporter than the kubelet.
func TestMessagesNameWhoReports(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a")
	id := Identity{Name: "n", Reporter: "the engine"}
	b.store.Put(id, &sample.Node{})
	if got, want := b.store.PodMessage("n", "ns", "p"), "(PLM-ENGINE-NO-POD)"; !strings.HasSuffix(got, want) {
		t.Errorf("message %q, want %q", got, want)
	}
	b.store.Put(id, &sample.Node{Pods: pods(named("p", sample.Container{Name: "a", Usage: sample.Usage{Memory: b.usage(0, 1).Memory}}))})
	if got, want := b.store.PodMessage("n", "ns", "p"), `the engine reports no CPU for container "a"`; !strings.HasPrefix(got, want) {
		t.Errorf("message %q, want %q", got, want)
	}
}
