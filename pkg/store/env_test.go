package store

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

const maxAge = time.Minute

var start = time.Unix(1_785_924_000, 0)

// env is a store with one clock, a set of pods, and nodes that are scraped.
type env struct {
	t     *testing.T
	clock *clocktesting.FakeClock
	store *Store
	pods  podSet
	*objects
}

type podSet map[string]Expected

// cell is that of one pod, by its UID, which is kept among the pods.
func (p podSet) cell(namespace, name, uid string) *usage.PodCell {
	key := "cell of " + namespace + "/" + name + " " + uid
	if _, ok := p[key]; !ok {
		p[key] = Expected{Usage: &usage.PodCell{}}
	}
	return p[key].Usage
}

// objects are the pods, and all nodes that the store requests.
type objects struct {
	podSet podSet
	mu     sync.Mutex
	nodes  map[string]*usage.NodeCell
	// onPod is called before a pod is returned; nil where no test needs it.
	onPod func()
}

func (o *objects) Pod(namespace, name string) (Expected, bool) {
	if o.onPod != nil {
		o.onPod()
	}
	e, ok := o.podSet[namespace+"/"+name]
	if ok {
		e.Usage = o.podSet.cell(namespace, name, e.UID)
	}
	return e, ok
}

func (o *objects) Node(name string) (string, *usage.NodeCell, bool) {
	return "", o.nodeCell(name), true
}

func (o *objects) nodeCell(name string) *usage.NodeCell {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.nodes[name] == nil {
		o.nodes[name] = &usage.NodeCell{}
	}
	return o.nodes[name]
}

// pod is what is served of a pod that runs on the node, by its UID, and node what is served of a node.
func (b *env) pod(node, namespace, name, uid string) (*usage.Pod, bool) {
	return b.store.Reader().Pod(b.pods.cell(namespace, name, uid), node)
}

func (b *env) node(name string) (*usage.Node, bool) { return b.store.Reader().Node(b.nodeCell(name)) }

func newEnv(t *testing.T, age time.Duration) *env {
	c, o := clocktesting.NewFakeClock(start), &objects{podSet: podSet{}, nodes: map[string]*usage.NodeCell{}}
	return &env{t: t, clock: c, objects: o, pods: o.podSet, store: New(o, usage.Staleness{MaxAge: age, Resolution: 15 * time.Second}, c)}
}

// run declares a pod of a node.
func (b *env) run(node, pod, uid string, containers ...string) {
	b.pods["ns/"+pod] = Expected{Node: node, UID: uid, Containers: containers}
}

// use is a container that has used cpu core-seconds and mem bytes by now.
func (b *env) use(name string, cpu float64, mem uint64) sample.Container {
	return sample.Container{Name: name, Usage: b.usage(cpu, mem)}
}

func (b *env) usage(cpu float64, mem uint64) sample.Usage { return usageAt(b.clock.Now(), cpu, mem) }

func usageAt(t time.Time, cpu float64, mem uint64) sample.Usage {
	now := t.UnixNano()
	return sample.Usage{
		CPU:    sample.Reading{Known: true, Time: now, Value: uint64(cpu * 1e9)},
		Memory: sample.Reading{Known: true, Time: now, Value: mem},
	}
}

func containerOf(name string, u sample.Usage) sample.Container {
	return sample.Container{Name: name, Usage: u}
}

func pods(p ...sample.Pod) []sample.Pod { return p }

func named(name string, c ...sample.Container) sample.Pod {
	return sample.Pod{Namespace: "ns", Name: name, Containers: c}
}

func (b *env) put(node string, p []sample.Pod) PutResult {
	return b.store.Put(Identity{Name: node}, &sample.Node{Pods: p})
}

func (b *env) advance(seconds int) { b.clock.Step(time.Duration(seconds) * time.Second) }

// shown is usage in readable units, or what is missing.
type shown struct {
	Age, Window int
	Containers  string
}

func (b *env) show(node, pod, uid string) shown {
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

func (b *env) want(want shown) {
	b.t.Helper()
	if diff := cmp.Diff(want, b.show("n", "p", "u")); diff != "" {
		b.t.Errorf("pod ns/p (-want +got):\n%s", diff)
	}
}
