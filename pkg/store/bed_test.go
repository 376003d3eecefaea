package store

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
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
	if ok {
		e.Usage = p.slot(namespace, name, e.UID)
	}
	return e, ok
}

// slot is that of one life of a pod, which is kept among the pods.
func (p podSet) slot(namespace, name, uid string) *usage.PodCell {
	key := "slot of " + namespace + "/" + name + " " + uid
	if _, ok := p[key]; !ok {
		p[key] = Expected{Usage: &usage.PodCell{}}
	}
	return p[key].Usage
}

// pod is what is served of one life of a pod that runs on the node.
func (b *bed) pod(node, namespace, name, uid string) (*usage.Pod, bool) {
	return b.store.Pod(b.pods.slot(namespace, name, uid), node)
}

func newBed(t *testing.T, age time.Duration) *bed {
	c := clocktesting.NewFakeClock(start)
	return &bed{t: t, clock: c, store: New(age, 15*time.Second, c), pods: podSet{}}
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
	u, ok := b.pod(node, "ns", pod, uid)
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
