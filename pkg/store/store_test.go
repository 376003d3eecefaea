package store

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

const maxAge = time.Minute

var start = time.Unix(1_785_924_000, 0)

// bed is a store with one clock, a set of pods, and nodes that answer.
type bed struct {
	t     *testing.T
	clock *clocktesting.FakeClock
	store *Store
	pods  podSet
}

type podSet map[string]Expected

func (p podSet) Expect(namespace, name string) (Expected, bool) {
	e, ok := p[namespace+"/"+name]
	return e, ok
}

func newBed(t *testing.T, age time.Duration) *bed {
	c := clocktesting.NewFakeClock(start)
	return &bed{t: t, clock: c, store: New(age, c), pods: podSet{}}
}

// run declares a pod of a node.
func (b *bed) run(node, pod, uid string, containers ...string) {
	b.pods["ns/"+pod] = Expected{Node: node, UID: uid, Containers: containers}
}

// use is a container that has used cpu core-seconds and mem bytes by now.
func (b *bed) use(name string, cpu float64, mem uint64) sample.Container {
	return sample.Container{Name: name, Usage: b.usage(cpu, mem)}
}

func (b *bed) usage(cpu float64, mem uint64) sample.Usage { return usageAt(b.clock.Now(), cpu, mem) }

func usageAt(t time.Time, cpu float64, mem uint64) sample.Usage {
	now := t.UnixNano()
	return sample.Usage{
		CPU:    sample.Reading{Known: true, Time: now, Value: uint64(cpu * 1e9)},
		Memory: sample.Reading{Known: true, Time: now, Value: mem},
	}
}

func pods(p ...sample.Pod) []sample.Pod { return p }

func named(name string, c ...sample.Container) sample.Pod {
	return sample.Pod{Namespace: "ns", Name: name, Containers: c}
}

func (b *bed) put(node string, p []sample.Pod) Summary {
	return b.store.Put(Identity{Name: node}, &sample.Node{Pods: p}, b.pods)
}

func (b *bed) advance(seconds int) { b.clock.Step(time.Duration(seconds) * time.Second) }

// shown is an answer in the units of people, or what is missing.
type shown struct {
	Age, Window int
	Containers  string
}

func (b *bed) show(node, pod, uid string) shown {
	u, ok := b.store.Pod(node, "ns", pod, uid)
	if !ok {
		return shown{}
	}
	var parts []string
	for _, c := range u.Containers {
		parts = append(parts, c.Name+"="+time.Duration(c.CPU).String()+"/"+time.Duration(c.Memory).String())
	}
	return shown{int(b.clock.Since(u.Time).Seconds()), int(u.Window.Seconds()), strings.Join(parts, " ")}
}

func (b *bed) want(want shown) {
	b.t.Helper()
	if diff := cmp.Diff(want, b.show("n", "p", "u")); diff != "" {
		b.t.Errorf("pod ns/p (-want +got):\n%s", diff)
	}
}

func TestMissedScrapesChangeNothingUntilTheMaximumAge(t *testing.T) {
	b := newBed(t, maxAge)
	b.run("n", "p", "u", "a")
	b.put("n", pods(named("p", b.use("a", 100, 7))))
	b.want(shown{})
	b.advance(15)
	b.put("n", pods(named("p", b.use("a", 101.5, 8))))
	served := shown{0, 15, "a=100ms/8ns"}
	b.want(served)
	for range 4 {
		b.store.Fail("n")
		b.advance(15)
		served.Age += 15
		b.want(served)
	}
	b.advance(1)
	b.want(shown{})
	b.advance(14)
	b.put("n", pods(named("p", b.use("a", 109, 9))))
	b.want(shown{0, 75, "a=100ms/9ns"})
}

func TestWithoutAMaximumAgeAFailureTakesAnswersBack(t *testing.T) {
	b := newBed(t, 0)
	b.run("n", "p", "u", "a")
	for i := range 2 {
		b.advance(15)
		b.put("n", pods(named("p", b.use("a", 100+float64(i), 7))))
	}
	b.advance(600)
	if got := b.show("n", "p", "u"); got.Containers == "" {
		t.Error("the answer was lost with time, without a failure")
	}
	b.store.Fail("n")
	b.want(shown{})
}

func TestAPodIsWholeOrItsLastWholeAnswer(t *testing.T) {
	tests := []struct {
		name string
		odd  func(b *bed) []sample.Container
	}{
		{"container missing", func(*bed) []sample.Container { return nil }},
		{"no CPU", func(b *bed) []sample.Container {
			c := b.use("b", 0, 5)
			c.CPU = sample.Reading{}
			c.Start = start.UnixNano()
			return []sample.Container{c}
		}},
		{"counter fell", func(b *bed) []sample.Container { return []sample.Container{b.use("b", 1, 5)} }},
		{"no memory", func(b *bed) []sample.Container {
			c := b.use("b", 206, 0)
			c.Memory = sample.Reading{}
			return []sample.Container{c}
		}},
		{"impossible rate", func(b *bed) []sample.Container { return []sample.Container{b.use("b", 1e7, 5)} }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBed(t, maxAge)
			b.run("n", "p", "u", "a", "b")
			put := func(p []sample.Pod) { b.store.Put(Identity{Name: "n", CPU: 4e9}, &sample.Node{Pods: p}, b.pods) }
			for i := range 2 {
				b.advance(15)
				put(pods(named("p", b.use("a", 100+float64(i)*1.5, 7), b.use("b", 200+float64(i)*3, 8))))
			}
			b.want(shown{0, 15, "a=100ms/7ns b=200ms/8ns"})
			b.advance(15)
			put(pods(named("p", append(tt.odd(b), b.use("a", 103, 9))...)))
			b.want(shown{15, 15, "a=100ms/7ns b=200ms/8ns"})
			if why := b.store.WhyNoPod("n", "ns", "p"); !strings.Contains(why, `"b"`) {
				t.Errorf("the cause does not name the container: %q", why)
			}
		})
	}
}

func TestAnIdleContainerKeepsItsReading(t *testing.T) {
	b := newBed(t, maxAge)
	b.run("n", "p", "u", "a")
	b.put("n", pods(named("p", b.use("a", 100, 7))))
	b.advance(15)
	still := b.use("a", 101.5, 7)
	b.put("n", pods(named("p", still)))
	before, _ := b.store.Pod("n", "ns", "p", "u")
	b.advance(15)
	b.put("n", pods(named("p", still)))
	after, _ := b.store.Pod("n", "ns", "p", "u")
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the same readings made another answer:\n%s", diff)
	}
	for range 8 {
		b.advance(15)
		b.put("n", pods(named("p", still)))
	}
	b.want(shown{})
}

func TestOnlyThePodsOwnNodeSpeaksForIt(t *testing.T) {
	for seed := range uint64(100) {
		b := newBed(t, maxAge)
		b.run("n", "p", "u", "a")
		r := rand.New(rand.NewPCG(seed, 0))
		for i := range 3 {
			b.advance(15)
			say := []func(){
				func() { b.put("n", pods(named("p", b.use("a", 100+float64(i)*1.5, 7)))) },
				func() {
					if s := b.put("other", pods(named("p", b.use("a", 9+float64(i)*9, 9)))); s.Rejected[sample.Foreign] != 1 {
						t.Errorf("got %d foreign pods, want 1", s.Rejected[sample.Foreign])
					}
				},
			}
			r.Shuffle(len(say), func(i, j int) { say[i], say[j] = say[j], say[i] })
			say[0]()
			say[1]()
		}
		b.want(shown{0, 15, "a=100ms/7ns"})
		if got := b.show("other", "p", "u"); got.Containers != "" {
			t.Errorf("the other node serves %v", got)
		}
	}
}

func TestANewPodOfTheSameNameInheritsNothing(t *testing.T) {
	b := newBed(t, maxAge)
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

func TestTheKubeletsUIDIsBelievedUnlessThePodIsStatic(t *testing.T) {
	for _, static := range []bool{false, true} {
		b := newBed(t, maxAge)
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

func TestANodeThatIsAnotherOneForgets(t *testing.T) {
	tests := []struct {
		name   string
		next   Identity
		forget bool
	}{
		{"the same", Identity{Name: "n", UID: "1", Boot: "x"}, false},
		{"created again", Identity{Name: "n", UID: "2", Boot: "x"}, true},
		{"rebooted", Identity{Name: "n", UID: "1", Boot: "y"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBed(t, maxAge)
			b.store.Put(Identity{Name: "n", UID: "1", Boot: "x"}, &sample.Node{Usage: b.usage(10, 5)}, b.pods)
			b.advance(60)
			b.store.Put(tt.next, &sample.Node{Usage: b.usage(14, 5)}, b.pods)
			if _, ok := b.store.Node("n"); ok == tt.forget {
				t.Errorf("served: %t, want %t", ok, !tt.forget)
			}
		})
	}
}

func TestPodTimeIsTheOldestEndAndItsWindowTheLongest(t *testing.T) {
	b := newBed(t, maxAge)
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

func TestAContainerThatIsNotExpectedHidesNobody(t *testing.T) {
	b := newBed(t, maxAge)
	b.run("n", "p", "u", "a")
	for i := range 2 {
		b.advance(15)
		ended := sample.Container{Name: "init", Usage: sample.Usage{Start: start.UnixNano()}}
		zero := b.use("debug", 0, 0)
		b.put("n", pods(named("p", ended, b.use("a", 100+float64(i)*1.5, 7), zero)))
	}
	b.want(shown{0, 15, "a=100ms/7ns"})
}

func TestZerosAreNumbers(t *testing.T) {
	b := newBed(t, maxAge)
	b.run("n", "p", "u", "a")
	for range 2 {
		b.advance(15)
		b.put("n", pods(named("p", b.use("a", 0, 0))))
	}
	b.want(shown{0, 15, "a=0s/0s"})
}

func TestWhatIsServedChangesWithWhatIsExpected(t *testing.T) {
	b := newBed(t, maxAge)
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

func TestWhyNoPod(t *testing.T) {
	tests := []struct {
		name string
		put  func(b *bed)
		want string
	}{
		{"node unknown", func(*bed) {}, ""},
		{"pod unknown to the kubelet", func(b *bed) { b.put("n", nil) }, "does not report the pod"},
		{"one look", func(b *bed) { b.put("n", pods(named("p", b.use("a", 1, 1)))) }, "too briefly"},
		{"no container runs", func(b *bed) { b.run("n", "p", "u"); b.put("n", pods(named("p"))) }, "no container"},
		{"no memory", func(b *bed) {
			c := b.use("a", 1, 1)
			c.Memory = sample.Reading{}
			b.put("n", pods(named("p", c)))
		}, "no memory"},
		{"not reported", func(b *bed) { b.put("n", pods(named("p"))) }, "no numbers"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBed(t, maxAge)
			b.run("n", "p", "u", "a")
			tt.put(b)
			got := b.store.WhyNoPod("n", "ns", "p")
			if !strings.Contains(got, tt.want) || (tt.want == "") != (got == "") {
				t.Errorf("got %q, want something with %q", got, tt.want)
			}
		})
	}
}

func TestPodsThatAreGoneAreForgotten(t *testing.T) {
	b := newBed(t, maxAge)
	b.run("n", "p", "u", "a")
	b.put("n", pods(named("p", b.use("a", 1, 1)), named("unknown", b.use("a", 1, 1))))
	if got := len(b.store.nodes["n"].pods); got != 2 {
		t.Fatalf("holds %d pods, want 2", got)
	}
	b.advance(15)
	b.put("n", nil)
	if got := len(b.store.nodes["n"].pods); got != 1 {
		t.Errorf("a pod without an object is still held: %d pods, want 1", got)
	}
	b.advance(121)
	b.put("n", nil)
	if got := len(b.store.nodes["n"].pods); got != 0 {
		t.Errorf("a pod that was silent for long is still held: %d pods", got)
	}
	b.store.Delete("n")
	if len(b.store.nodes) != 0 {
		t.Error("a deleted node is still held")
	}
}

func TestMoreThanTheNodeHasIsNotBelieved(t *testing.T) {
	b := newBed(t, maxAge)
	b.run("n", "p", "u", "a")
	put := func(cpu float64, mem uint64) Summary {
		b.advance(15)
		id := Identity{Name: "n", CPU: 4e9, Memory: 1000}
		return b.store.Put(id, &sample.Node{Pods: pods(named("p", b.use("a", cpu, mem)))}, b.pods)
	}
	put(100, 7)
	put(101.5, 1100)
	b.want(shown{0, 15, "a=100ms/1.1µs"})
	if s := put(103, 1101); s.Rejected[sample.Implausible] != 1 {
		t.Errorf("rejected %v", s.Rejected)
	}
	b.want(shown{0, 15, "a=100ms/1.1µs"})
	if s := put(200, 8); s.Rejected[sample.Implausible] != 1 {
		t.Errorf("rejected %v", s.Rejected)
	}
	b.want(shown{15, 15, "a=100ms/1.1µs"})
	put(201.5, 8)
	b.want(shown{0, 15, "a=100ms/8ns"})
}

// suggestion is what the other endpoint says of one container: a rate in nanocores.
func (b *bed) suggestion(pod, uid, name string, rate uint64) *sample.Node {
	c := sample.Container{Name: name}
	c.Rate = sample.Reading{Known: true, Time: b.clock.Now().UnixNano(), Value: rate}
	n := &sample.Node{Pods: pods(named(pod, c))}
	n.Pods[0].UID = uid
	return n
}

func TestSuggestedRatesServeUntilThereAreOurs(t *testing.T) {
	b := newBed(t, maxAge)
	b.run("n", "p", "u", "a")
	first := b.put("n", pods(named("p", b.use("a", 100, 7))))
	if first.Young != 1 || first.Rateless != 1 {
		t.Errorf("after one look: %+v", first)
	}
	b.advance(2)
	second := b.put("n", pods(named("p", sample.Container{Name: "a", Usage: usageAt(start, 100, 7)})))
	if second.Young != 0 || second.Rateless != 1 {
		t.Errorf("after a second look at the same reading: %+v", second)
	}
	b.want(shown{})
	b.store.Suggest(Identity{Name: "n"}, b.suggestion("p", "u", "a", 250e6), b.pods)
	b.want(shown{2, 15, "a=250ms/7ns"})
	b.advance(13)
	b.put("n", pods(named("p", b.use("a", 101.5, 8))))
	b.want(shown{0, 15, "a=100ms/8ns"})
	b.store.Suggest(Identity{Name: "n"}, b.suggestion("p", "u", "a", 250e6), b.pods)
	b.want(shown{0, 15, "a=100ms/8ns"})
}

func TestSuggestionsThatAreNotTaken(t *testing.T) {
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
			b := newBed(t, maxAge)
			b.run("n", "p", "u", "a")
			b.store.Put(Identity{Name: "n", CPU: 4e9}, &sample.Node{Pods: pods(named("p", b.use("a", 100, 7)))}, b.pods)
			tt.id.CPU = 4e9
			b.store.Suggest(tt.id, b.suggestion("p", tt.uid, "a", tt.rate), b.pods)
			b.want(shown{})
		})
	}
}

func TestASuggestionForTheNode(t *testing.T) {
	b := newBed(t, maxAge)
	b.store.Put(Identity{Name: "n"}, &sample.Node{Usage: b.usage(10, 5)}, b.pods)
	n := &sample.Node{}
	n.Rate = sample.Reading{Known: true, Value: 3e8}
	b.store.Suggest(Identity{Name: "n"}, n, b.pods)
	if got, ok := b.store.Node("n"); !ok || got.CPU != 3e8 || got.Memory != 5 {
		t.Errorf("got %+v, %t", got, ok)
	}
}

func TestSwap(t *testing.T) {
	tests := []struct {
		name     string
		capacity uint64
		known    bool
		value    uint64
		want     ContainerUsage
	}{
		{"in use", 1000, true, 5, ContainerUsage{Name: "a", CPU: 1e8, Memory: 7, Swap: 5, HasSwap: true}},
		{"not in use", 1000, true, 0, ContainerUsage{Name: "a", CPU: 1e8, Memory: 7, HasSwap: true}},
		{"not reported", 1000, false, 0, ContainerUsage{Name: "a", CPU: 1e8, Memory: 7}},
		{"a zero of a node without swap", 0, true, 0, ContainerUsage{Name: "a", CPU: 1e8, Memory: 7}},
		{"more than the node has", 1000, true, 1101, ContainerUsage{Name: "a", CPU: 1e8, Memory: 7}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBed(t, maxAge)
			b.run("n", "p", "u", "a")
			for i := range 2 {
				b.advance(15)
				c := b.use("a", 100+float64(i)*1.5, 7)
				c.Swap = sample.Reading{Known: tt.known, Time: c.CPU.Time, Value: tt.value}
				n := &sample.Node{Usage: c.Usage, Pods: pods(named("p", c))}
				b.store.Put(Identity{Name: "n", Swap: tt.capacity}, n, b.pods)
			}
			got, _ := b.store.Pod("n", "ns", "p", "u")
			if diff := cmp.Diff([]ContainerUsage{tt.want}, got.Containers); diff != "" {
				t.Errorf("containers (-want +got):\n%s", diff)
			}
			if n, _ := b.store.Node("n"); n.Swap != tt.want.Swap || n.HasSwap != tt.want.HasSwap {
				t.Errorf("node: %+v", n)
			}
		})
	}
}

func TestGenerationGrows(t *testing.T) {
	b := newBed(t, maxAge)
	before := b.store.Generation()
	b.put("n", nil)
	if after := b.store.Generation(); after <= before {
		t.Errorf("generation went from %d to %d", before, after)
	}
	if later := New(maxAge, clocktesting.NewFakeClock(start.Add(time.Hour))); later.Generation() <= b.store.Generation() {
		t.Error("a server that starts later has a lower generation")
	}
}
