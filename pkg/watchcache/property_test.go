package watchcache_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/watch"
)

// client holds what it has been sent, as an informer does.
type client struct {
	t *testing.T
	selector
	at      *replica
	watch   watch.Interface
	cancel  context.CancelFunc
	version uint64
	holds   map[string]string
	// initial is true where the watch began with everything, and bookmark is the version of its last bookmark.
	initial  bool
	bookmark uint64
	// exact is from when on the client must hold what is listed: a replica may have known later of a change than the one before.
	exact time.Time
}

// begin watches at the version that the client has seen last, or all from the beginning. Late is true where a replica does not know all changes.
func (c *client) begin(at *replica, late bool) {
	c.end()
	if c.exact = time.Now(); late {
		c.exact = c.exact.Add(31 * time.Second)
	}
	request := c.request()
	request.Version, request.Initial = c.version, c.version == 0
	ctx, cancel := context.WithCancel(c.t.Context())
	w, err := at.cache.Watch(ctx, request)
	if apierrors.IsResourceExpired(err) || apierrors.IsTimeout(err) {
		request.Version, request.Initial = 0, true
		w, err = at.cache.Watch(ctx, request)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	if request.Initial {
		c.holds = map[string]string{}
	}
	c.at, c.watch, c.cancel, c.initial, c.bookmark = at, w, cancel, request.Initial, 0
}

func (c *client) end() {
	if c.watch != nil {
		c.cancel()
		c.watch.Stop()
		c.watch = nil
	}
}

// read takes up to so many events, as far as there are any.
func (c *client) read(most int) {
	for range most {
		synctest.Wait()
		select {
		case e, ok := <-c.watch.ResultChan():
			if !ok {
				c.t.Fatal("the watch has ended")
			}
			c.take(e)
		default:
			return
		}
	}
}

func (c *client) take(e watch.Event) {
	o, ok := e.Object.(*object)
	if !ok {
		c.t.Fatalf("%s %v", e.Type, e.Object)
	}
	version, err := strconv.ParseUint(o.ResourceVersion, 10, 53)
	if err != nil {
		c.t.Fatal(err)
	}
	if e.Type != watch.Bookmark && version < c.bookmark {
		c.t.Fatalf("%s of %s comes after the bookmark %d", e.Type, content(o), c.bookmark)
	}
	c.version = version
	name := o.Namespace + "/" + o.Name
	if _, held := c.holds[name]; c.initial && e.Type != watch.Bookmark && held == (e.Type == watch.Added) {
		c.t.Fatalf("%s of %s, which the client holds: %t", e.Type, content(o), held)
	}
	switch e.Type {
	case watch.Added, watch.Modified:
		c.holds[name] = content(o)
	case watch.Deleted:
		delete(c.holds, name)
	case watch.Bookmark:
		c.bookmark = version
	}
}

// model drives two replicas, which see the same pods and are scraped apart, and clients of both.
type model struct {
	t        *testing.T
	random   *rand.Rand
	replicas [2]*replica
	clients  []*client
	// pods are those that the API server has, and late what a replica does not know yet, in order.
	pods map[[2]string]pod
	late [2][]func(*replica)
	uids int
}

// notify has each replica know of a change, one of them a little later.
func (m *model) notify(change func(*replica)) {
	for i := range m.late {
		m.late[i] = append(m.late[i], change)
	}
	m.deliver(m.random.IntN(2))
}

func (m *model) deliver(to int) {
	for _, change := range m.late[to] {
		change(m.replicas[to])
	}
	m.late[to] = nil
}

// step makes one change at random.
func (m *model) step() string {
	m.deliver(m.random.IntN(2))
	of := pod{namespace: fmt.Sprintf("ns%d", m.random.IntN(2)), name: fmt.Sprintf("p%d", m.random.IntN(4))}
	r := m.replicas[m.random.IntN(2)]
	switch m.random.IntN(25) / 2 {
	case 0, 1, 2:
		node := fmt.Sprintf("n%d", m.random.IntN(2))
		lost := m.random.IntN(8)
		r.scrape(node, func(p *pod) bool { return p.name != fmt.Sprintf("p%d", lost) })
		return "scrape " + node
	case 3:
		r.store.Delete(fmt.Sprintf("n%d", m.random.IntN(2)))
		return "node deleted"
	case 4, 5:
		time.Sleep(time.Duration(m.random.IntN(5)) * time.Second)
		m.deliver(0)
		m.deliver(1)
		time.Sleep(time.Duration(m.random.IntN(15)) * time.Second)
		return "wait"
	case 6:
		m.remove(of)
		return "delete " + of.name
	case 7, 8, 9:
		return m.change(of)
	case 10:
		for _, c := range m.clients {
			if m.random.IntN(3) == 0 {
				c.read(m.random.IntN(6))
				c.begin(m.replicas[m.random.IntN(2)], len(m.late[0])+len(m.late[1]) > 0)
			}
		}
		return "clients move"
	case 12: // Half as likely as the others.
		m.restart(m.random.IntN(2))
		return "restart"
	default:
		m.clients[m.random.IntN(len(m.clients))].read(m.random.IntN(6))
		return "read"
	}
}

// restart replaces a replica. Its clients go on with either.
func (m *model) restart(i int) {
	old := m.replicas[i]
	var cut []*client
	for _, c := range m.clients {
		if c.at == old {
			c.read(m.random.IntN(6))
			c.end()
			cut = append(cut, c)
		}
	}
	old.stop()
	m.remove(pod{namespace: "ns0", name: "p0"})
	m.replicas[i], m.late[i] = newReplica(m.t), nil
	for _, p := range m.pods {
		m.replicas[i].set(p)
	}
	close(m.replicas[i].known)
	for _, c := range cut {
		c.begin(m.replicas[m.random.IntN(2)], len(m.late[0])+len(m.late[1]) > 0)
	}
}

// change sets a pod with a new UID, or with another label or phase.
func (m *model) change(of pod) string {
	old, exists := m.pods[[2]string{of.namespace, of.name}]
	of.label = fmt.Sprintf("l%d", m.random.IntN(2))
	if exists && m.random.IntN(3) > 0 {
		of.uid, of.node, of.ended = old.uid, old.node, old.ended || m.random.IntN(6) == 0
	} else {
		m.uids++
		of.uid, of.node = fmt.Sprintf("u%d", m.uids), fmt.Sprintf("n%d", m.random.IntN(2))
	}
	m.pods[[2]string{of.namespace, of.name}] = of
	m.notify(func(r *replica) { r.set(of) })
	return "set " + of.name
}

func (m *model) remove(of pod) {
	delete(m.pods, [2]string{of.namespace, of.name})
	m.notify(func(r *replica) { r.remove(of.namespace, of.name) })
}

// check compares what each client holds with a list of its replica.
func (m *model) check(after []string) {
	for i, c := range m.clients {
		c.read(1 << 20)
		if time.Now().Before(c.exact) {
			continue
		}
		if diff := cmp.Diff(c.at.list(c.selector), c.holds); diff != "" {
			m.t.Fatalf("client %d of %+v after %q (-list +client):\n%s", i, c.selector, after, diff)
		}
	}
}

// FuzzClientsHoldWhatIsListed has random changes, after which each client must hold what a list of its replica has, also where it has resumed in the middle of
// the events at another replica.
func FuzzClientsHoldWhatIsListed(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed)
	}
	for _, seed := range []uint64{60, 78, 79, 86, 124, 1342} { // Each found a fault that no other did.
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		synctest.Test(t, func(t *testing.T) {
			m := &model{t: t, pods: map[[2]string]pod{}, random: rand.New(rand.NewPCG(seed, 1)), replicas: [2]*replica{newReplica(t), newReplica(t)}}
			for _, r := range m.replicas {
				close(r.known)
			}
			defer func() { m.replicas[0].stop(); m.replicas[1].stop() }()
			time.Sleep(time.Minute)
			for _, s := range []selector{{}, {"ns0", ""}, {"", "l0"}, {"ns1", "l1"}} {
				c := &client{t: t, selector: s}
				defer c.end()
				c.begin(m.replicas[m.random.IntN(2)], len(m.late[0])+len(m.late[1]) > 0)
				m.clients = append(m.clients, c)
			}
			var steps []string
			for i := range 150 {
				steps = append(steps, m.step())
				if i%5 == 4 {
					time.Sleep(1500 * time.Millisecond)
					m.check(steps)
				}
			}
		})
	})
}
