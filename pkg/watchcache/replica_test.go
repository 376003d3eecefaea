package watchcache_test

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/usage"
	"github.com/plimsoll/plimsoll/pkg/watchcache"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const resolution = 15 * time.Second

// pod is an object of the cluster. It is never changed.
type pod struct {
	namespace, name, uid, node, label string
	ended                             bool
	cell                              *usage.PodCell
}

// object is a pod with usage as it is sent.
type object struct {
	metav1.TypeMeta
	metav1.ObjectMeta
	used *usage.Pod
}

func (o *object) DeepCopyObject() runtime.Object { c := *o; return &c }

// newObject is the pod with its usage; nil usage is that of a bookmark.
func newObject(p *pod, u *usage.Pod) runtime.Object {
	return &object{used: u, ObjectMeta: metav1.ObjectMeta{
		Namespace: p.namespace, Name: p.name, UID: "", ResourceVersion: strconv.FormatUint(u.ResourceVersion, 10), Labels: map[string]string{"l": p.label, "uid": p.uid},
	}}
}

// replica is one server: its own view of the pods, a store and a cache.
type replica struct {
	t     *testing.T
	store *store.Store
	cache *watchcache.Cache[*pod, usage.Pod]
	known chan struct{}
	stop  func()

	mu   sync.Mutex
	pods map[[2]string]*pod
	// scrapes is how often each node was scraped.
	scrapes map[string]uint64
}

func newReplica(t *testing.T) *replica { return newReplicaWithQueue(t, 0) }

// newReplicaWithQueue has the store's queue be as long as it says; of the length that the cache wants for 0.
func newReplicaWithQueue(t *testing.T, queue int) *replica {
	r := &replica{t: t, pods: map[[2]string]*pod{}, scrapes: map[string]uint64{}, known: make(chan struct{})}
	r.store = store.New(r, usage.Staleness{MaxAge: time.Minute, Resolution: resolution}, clock.RealClock{})
	r.cache = watchcache.New(resource(r), watchcache.Source{
		Observe: func(capacity int) *usage.Observer { return r.store.Observe(cmp.Or(queue, capacity)) },
		Version: r.store.Reader().ResourceVersion, Known: r.known, Resolution: resolution,
	})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for _, start := range []func(context.Context) error{r.store.Start, r.cache.Start} {
		running.Go(func() {
			if err := start(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	r.stop = func() { cancel(); running.Wait() }
	return r
}

// resource is that of the pods of a replica.
func resource(r *replica) watchcache.Resource[*pod, usage.Pod] {
	return watchcache.Resource[*pod, usage.Pod]{
		Name: "pods",
		All: func() iter.Seq[*pod] {
			r.mu.Lock()
			defer r.mu.Unlock()
			return slices.Values(slices.Collect(maps.Values(r.pods)))
		},
		Find:        r.find,
		Key:         func(p *pod) usage.Key { return usage.Key{Namespace: p.namespace, Name: p.name, UID: p.uid} },
		Cell:        func(p *pod) *usage.PodCell { return p.cell },
		Usage:       func(e usage.Event) (*usage.Pod, bool) { return e.Pod, e.Key.Namespace != "" },
		Version:     func(u *usage.Pod) uint64 { return u.ResourceVersion },
		WithVersion: (*usage.Pod).WithVersion,
		Serves:      func(p *pod, u *usage.Pod) bool { return !p.ended && u.Node == p.node },
		MayBeServed: func(p *pod) bool { return !p.ended && p.node != "" },
		Item:        newObject, Shared: newObject, First: newObject,
		Bookmark: func() runtime.Object { return &object{} },
	}
}

func (r *replica) find(namespace, name string) (*pod, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, ok := r.pods[[2]string{namespace, name}]
	return p, ok
}

// Pod and Node implement store.Objects.
func (r *replica) Pod(namespace, name string) (store.Expected, bool) {
	p, ok := r.find(namespace, name)
	if !ok {
		return store.Expected{}, false
	}
	e := store.Expected{Node: p.node, UID: p.uid, Usage: p.cell}
	if !p.ended {
		e.Containers = []string{"a"}
	}
	return e, true
}

func (r *replica) Node(string) (string, *usage.NodeCell, bool) { return "", nil, false }

// set adds a pod, or replaces that of its name, as pkg/cluster does and the wiring notifies.
func (r *replica) set(p pod) {
	r.mu.Lock()
	key := [2]string{p.namespace, p.name}
	before := r.pods[key]
	if p.cell = new(usage.PodCell); before != nil && before.uid == p.uid {
		p.cell = before.cell
	}
	r.pods[key] = &p
	r.mu.Unlock()
	switch {
	case before == nil:
	case before.uid != p.uid:
		r.deleted(before)
	case before.label != p.label || before.ended != p.ended:
		r.cache.Keep(before)
		r.store.PodChanged(p.node, p.namespace, p.name, p.uid)
	}
}

func (r *replica) remove(namespace, name string) {
	r.mu.Lock()
	key := [2]string{namespace, name}
	before := r.pods[key]
	delete(r.pods, key)
	r.mu.Unlock()
	if before != nil {
		r.deleted(before)
	}
}

func (r *replica) deleted(p *pod) {
	r.cache.Keep(p)
	r.store.PodDeleted(p.node, p.namespace, p.name, p.uid)
}

// scrape puts the response of a node with those of its pods that it reports.
func (r *replica) scrape(node string, reports func(*pod) bool) {
	r.scrapes[node]++
	now := time.Now().UnixNano()
	used := sample.Usage{
		CPU: sample.Reading{Known: true, Time: now, Value: r.scrapes[node] * 1e9}, Memory: sample.Reading{Known: true, Time: now, Value: 1 << 20},
	}
	n := &sample.Node{Usage: used}
	r.mu.Lock()
	for _, p := range r.pods {
		if p.node == node && reports(p) {
			n.Pods = append(n.Pods, sample.Pod{Namespace: p.namespace, Name: p.name, UID: p.uid, Containers: []sample.Container{{Name: "a", Usage: used}}})
		}
	}
	r.mu.Unlock()
	slices.SortFunc(n.Pods, func(a, b sample.Pod) int { return strings.Compare(a.Name, b.Name) })
	r.store.Put(store.Identity{Name: node}, n)
}

func all(*pod) bool { return true }

// list is what the replica serves of the pods that are selected: the resource version by namespace and name, with label and UID.
func (r *replica) list(s selector) map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	served := map[string]string{}
	for _, p := range r.pods {
		// The store unpublishes what is too old within a second; readers notice at once.
		if u, _ := p.cell.Load(); u != nil && u.Node == p.node && !p.ended && s.selects(p) {
			o := newObject(p, u).(*object)
			served[p.namespace+"/"+p.name] = content(o)
		}
	}
	return served
}

func content(o *object) string {
	return o.ResourceVersion + " " + o.Labels["l"] + " " + o.Labels["uid"]
}

// selector is what a client selects; empty fields select all.
type selector struct{ namespace, label string }

func (s selector) selects(p *pod) bool {
	return (s.namespace == "" || s.namespace == p.namespace) && (s.label == "" || s.label == p.label)
}

func (s selector) request() watchcache.Request[*pod] {
	return watchcache.Request[*pod]{Namespace: s.namespace, Selects: func(p *pod) bool { return s.label == "" || s.label == p.label }, Bookmarks: true}
}
