package store

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// simulation is one pod of one node, in many scrapes.
type simulation struct {
	*env
	seed       uint64
	random     *rand.Rand
	containers []*simulated
	// wanted is which containers were expected when a generation was made.
	wanted map[uint64][]string
	served int
}

func simulate(t *testing.T, seed uint64) *simulation {
	s := &simulation{env: newEnv(t, maxAge), seed: seed, random: rand.New(rand.NewPCG(seed, 0)), wanted: map[uint64][]string{}}
	for _, name := range []string{"a", "b", "c"} {
		s.containers = append(s.containers, newSimulated(name, seed%2 == 0, start))
	}
	s.expect()
	return s
}

// expect changes the Pod object.
func (s *simulation) expect() {
	e := Expected{Node: "n", UID: "u"}
	for _, c := range s.containers {
		if s.random.IntN(4) == 0 {
			continue
		}
		e.Containers = append(e.Containers, c.name)
		if s.random.IntN(8) == 0 {
			e.Idle = append(e.Idle, c.name)
		}
	}
	s.pods["ns/p"] = e
}

// scrape has the node scraped at once, or not, after a while.
func (s *simulation) scrape() {
	s.advance(5 + s.random.IntN(30))
	switch s.random.IntN(10) {
	case 0:
		s.store.Fail("n")
		return
	case 1:
		s.expect()
	}
	p := named("p")
	for _, c := range s.containers {
		if reported, ok := c.report(s.random, aMalformation(s.random), s.clock.Now()); ok {
			p.Containers = append(p.Containers, reported)
		}
	}
	s.store.Put(Identity{Name: "n", CPU: nodeCPU, Memory: nodeMemory}, &sample.Node{Pods: pods(p)})
	if u, ok := s.pod("n", "ns", "p", "u"); ok && s.wanted[u.ResourceVersion] == nil {
		s.wanted[u.ResourceVersion] = s.pods["ns/p"].Containers // It was published by this put.
	}
}

// TestPodIsNeverServedIncomplete puts malformed responses of every kind. Whatever they are, usage has exactly the containers that
// were expected when it was made, none of those that are expected now is missing, and it has a time and a window.
func TestPodIsNeverServedIncomplete(t *testing.T) {
	served := 0
	for seed := range uint64(200) {
		s := simulate(t, seed)
		for range 50 {
			s.scrape()
			s.checkWhole()
		}
		served += s.served
	}
	if served < 1000 {
		t.Errorf("a pod was served after %d of 10000 scrapes only: the test proves little", served)
	}
}

func (s *simulation) checkWhole() {
	s.t.Helper()
	u, ok := s.pod("n", "ns", "p", "u")
	if !ok {
		s.checkMessage()
		return
	}
	s.served++
	var names []string
	for _, c := range u.Containers {
		names = append(names, c.Name)
		if c.CPU > mostCPU || c.Memory > mostMemory {
			s.t.Fatalf("seed %d: container %s uses more than the node has: %+v", s.seed, c.Name, c)
		}
	}
	if diff := cmp.Diff(s.wanted[u.ResourceVersion], names); diff != "" {
		s.t.Fatalf("seed %d: not the containers that were expected (-want +got):\n%s", s.seed, diff)
	}
	for _, name := range s.pods["ns/p"].Containers {
		if !slices.Contains(names, name) {
			s.t.Fatalf("seed %d: container %s is expected and not in %v", s.seed, name, names)
		}
	}
	if len(names) == 0 || u.Time.UnixNano() <= 0 || u.Window <= 0 || u.Time.After(s.clock.Now().Add(time.Minute)) {
		s.t.Fatalf("seed %d: usage without containers, a timestamp or a window: %+v", s.seed, u)
	}
}

// checkMessage wants a reason for missing usage, unless there is some and it is too old.
func (s *simulation) checkMessage() {
	s.t.Helper()
	entry := s.store.find("n")
	if entry == nil || entry.pods[podKey{"ns", "p"}].fresh.Known() {
		return
	}
	if s.store.PodMessage("n", "ns", "p") == "" {
		s.t.Fatalf("seed %d: the pod is not served and there is no reason", s.seed)
	}
}
