package store

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// manyContainers is a response with many containers of one pod, and the expected ones.
func manyContainers(b *env, pod string, many int, cpu float64, also ...string) *sample.Node {
	p := named(pod)
	for _, name := range also {
		p.Containers = append(p.Containers, b.use(name, cpu, 7))
	}
	for i := range many {
		p.Containers = append(p.Containers, b.use(fmt.Sprintf("c%d", i), cpu, 7))
	}
	return &sample.Node{Pods: pods(p)}
}

func (b *env) heldOf(node, pod string) int {
	return len(b.store.find(node).pods[podKey{"ns", pod}].containers.all)
}

// TestUnexpectedContainersAreNotKept has a kubelet name containers that the pod's object does not have.
func TestUnexpectedContainersAreNotKept(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a", "b")
	for i := range 2 {
		b.advance(15)
		b.store.Put(Identity{Name: "n"}, manyContainers(b, "p", 5000, 100+1.5*float64(i), "a", "b"))
	}
	b.want(shown{0, 15, "a=100ms/7ns b=100ms/7ns"})
	if n := b.heldOf("n", "p"); n != 2 {
		t.Errorf("%d containers are entry of a pod of two", n)
	}
}

// TestContainersOfAnUnknownPodAreBounded has a kubelet name them before the pod's object is known, and sees what is left once it is.
func TestContainersOfAnUnknownPodAreBounded(t *testing.T) {
	b := newEnv(t, maxAge)
	for i := range 2 {
		b.advance(15)
		s := b.store.Put(Identity{Name: "n"}, manyContainers(b, "p", 5000, 100+1.5*float64(i), "a"))
		if want := uint32(5001 - maxUnknown); s.Rejected[sample.TooMany] != want {
			t.Errorf("scrape %d: %d readings are counted as too many, want %d", i, s.Rejected[sample.TooMany], want)
		}
	}
	if n := b.heldOf("n", "p"); n != maxUnknown {
		t.Errorf("%d containers are entry, want %d", n, maxUnknown)
	}
	b.run("n", "p", "u", "a")
	b.store.MatchPods(Identity{Name: "n"})
	b.want(shown{0, 15, "a=100ms/7ns"})
	if n := b.heldOf("n", "p"); n != 1 {
		t.Errorf("%d containers are entry of a pod of one", n)
	}
}

func TestUnknownPodsAreBounded(t *testing.T) {
	b := newEnv(t, maxAge)
	n := &sample.Node{}
	for i := range maxUnknownPods + 10 {
		n.Pods = append(n.Pods, named(fmt.Sprintf("p%d", i), b.use("a", 1, 7)))
	}
	if s := b.store.Put(Identity{Name: "n"}, n); s.Rejected[sample.TooMany] != 10 {
		t.Errorf("%d pods are counted as too many, want 10", s.Rejected[sample.TooMany])
	}
	if entry := len(b.store.find("n").pods); entry != maxUnknownPods {
		t.Errorf("%d pods are entry, want %d", entry, maxUnknownPods)
	}
	b.advance(15)
	b.store.Put(Identity{Name: "n"}, &sample.Node{})
	if entry := len(b.store.find("n").pods); entry != 0 {
		t.Errorf("%d pods are entry that no object is known of and no kubelet names", entry)
	}
}

// TestWorkOfAPutGrowsWithTheResponse puts a response and one of 16 times the size, of each shape that a kubelet or the writer of a pod may choose. The
// larger one may cost no more than 100 times the CPU time, as memory that no longer fits into caches costs some: a loop inside the loop would cost
// 256 times. The least CPU times of the thread are compared, without garbage collection, so that other work of the machine does not count.
func TestWorkOfAPutGrowsWithTheResponse(t *testing.T) {
	const small = 2000
	tests := []struct {
		name     string
		response func(b *env, size int) *sample.Node
	}{
		{"containers that are not expected", func(b *env, size int) *sample.Node {
			b.run("n", "p", "u", "a")
			return manyContainers(b, "p", size, 100, "a")
		}},
		{"containers that are expected", func(b *env, size int) *sample.Node {
			n := manyContainers(b, "p", size, 100)
			b.expectAll(n)
			return n
		}},
		{"containers that are idle", func(b *env, size int) *sample.Node {
			n := manyContainers(b, "p", size, 100)
			b.expectAll(n)
			e := b.pods["ns/p"]
			e.Idle = e.Containers[1:]
			b.pods["ns/p"] = e
			return n
		}},
		{"containers of a pod that is not known", func(b *env, size int) *sample.Node { return manyContainers(b, "p", size, 100) }},
		{"pods that are not known", func(b *env, size int) *sample.Node {
			n := &sample.Node{}
			for i := range size {
				n.Pods = append(n.Pods, named(fmt.Sprintf("p%d", i), b.use("a", 1, 7)))
			}
			return n
		}},
		{"pods of another node", func(b *env, size int) *sample.Node {
			n := &sample.Node{}
			for i := range size {
				name := fmt.Sprintf("p%d", i)
				b.run("other", name, "u", "a")
				b.Pod("ns", name) // The set of pods grows here and not while the time is taken.
				n.Pods = append(n.Pods, named(name, b.use("a", 1, 7)))
			}
			return n
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			one, sixteen := time.Hour, time.Hour
			for range 5 {
				one, sixteen = min(one, timePut(t, small, tt.response)), min(sixteen, timePut(t, 16*small, tt.response))
				if sixteen < 100*one {
					return
				}
			}
			t.Errorf("sixteen times the response takes %.0f times as long: %s and %s", float64(sixteen)/float64(one), one, sixteen)
		})
	}
}

func (b *env) expectAll(n *sample.Node) {
	for _, p := range n.Pods {
		var names []string
		for _, c := range p.Containers {
			names = append(names, c.Name)
		}
		b.run("n", p.Name, "u", names...)
	}
}

// timePut is the CPU time of the first and the second of two equal puts together.
func timePut(t *testing.T, size int, response func(*env, int) *sample.Node) time.Duration {
	b := newEnv(t, maxAge)
	n := response(b, size)
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	begin := threadTime(t)
	b.store.Put(Identity{Name: "n"}, n)
	b.store.Put(Identity{Name: "n"}, n)
	return threadTime(t) - begin
}

// threadTime is the CPU time that the thread has used.
func threadTime(t *testing.T) time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now); err != nil {
		t.Fatal(err)
	}
	return time.Duration(now.Nano())
}
