package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// TestResolve has pods become known after the scrapes that reported them.
func TestResolve(t *testing.T) {
	began := start.UnixNano()
	tests := []struct {
		name    string
		scrapes int
		// reportedUID is the UID that the kubelet reports, start when the container began.
		reportedUID string
		start       int64
		know        func(*env)
		want        shown
		sum         PutResult
	}{
		{"two scrapes", 2, "", 0, func(b *env) { b.run("n", "p", "u", "a") }, shown{0, 15, "a=100ms/7ns"}, PutResult{Pods: 1, Complete: 1}},
		{"one scrape", 1, "", 0, func(b *env) { b.run("n", "p", "u", "a") }, shown{}, PutResult{Pods: 1, WithoutRate: 1, FirstSeen: 1}},
		{"a container that was not reported", 2, "", 0, func(b *env) { b.run("n", "p", "u", "a", "b") }, shown{}, PutResult{Pods: 1}},
		{"a pod of another node", 2, "", 0, func(b *env) { b.run("other", "p", "u", "a") }, shown{}, PutResult{}},
		{"the UID that the kubelet means", 2, "u", 0, func(b *env) { b.run("n", "p", "u", "a") }, shown{0, 15, "a=100ms/7ns"}, PutResult{Pods: 1, Complete: 1}},
		{"the pod after the one that the kubelet means", 2, "before", 0, func(b *env) { b.run("n", "p", "u", "a") }, shown{}, PutResult{}},
		{"a static pod", 2, "of the file", 0, func(b *env) {
			b.pods["ns/p"] = Expected{Node: "n", UID: "u", Static: true, Containers: []string{"a"}}
		}, shown{0, 15, "a=100ms/7ns"}, PutResult{Pods: 1, Complete: 1}},
		{"a pod younger than the container", 2, "", began - 3600e9, func(b *env) {
			b.pods["ns/p"] = Expected{Node: "n", UID: "u", Created: b.clock.Now().UnixNano(), Containers: []string{"a"}}
		}, shown{}, PutResult{}},
		{"a pod that was created after the scrape", 2, "", 0, func(b *env) {
			b.advance(90)
			b.pods["ns/p"] = Expected{Node: "n", UID: "u", Created: b.clock.Now().UnixNano(), Containers: []string{"a"}}
		}, shown{}, PutResult{}},
		{"no pod", 2, "", 0, func(*env) {}, shown{}, PutResult{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newEnv(t, maxAge)
			for i := range tt.scrapes {
				b.advance(15)
				c := b.use("a", 100+float64(i)*1.5, 7)
				c.Start = tt.start
				b.put("n", pods(sample.Pod{Namespace: "ns", Name: "p", UID: tt.reportedUID, Containers: []sample.Container{c}}))
			}
			tt.know(b)
			got := b.store.MatchPods(Identity{Name: "n"})
			b.want(tt.want)
			if diff := cmp.Diff(tt.sum, got); diff != "" {
				t.Errorf("summary (-want +got):\n%s", diff)
			}
		})
	}
}

// TestMatchPodsBeforeAPut goes on as if the pod had been known from the start.
func TestMatchPodsBeforeAPut(t *testing.T) {
	late, early := newEnv(t, maxAge), newEnv(t, maxAge)
	early.run("n", "p", "u", "a")
	for i := range 4 {
		for _, b := range []*env{late, early} {
			b.advance(15)
			b.put("n", pods(named("p", b.use("a", float64(i*i), uint64(7+i)))))
		}
		if i == 1 {
			late.run("n", "p", "u", "a")
			late.store.MatchPods(Identity{Name: "n"})
		}
		if i >= 1 {
			late.want(early.show("n", "p", "u"))
		}
	}
}

// TestMatchPodsDoesNotChangeKnownPods matches the pods of a node of which none is missing, and of one that was never scraped.
func TestMatchPodsDoesNotChangeKnownPods(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a")
	for i := range 2 {
		b.advance(15)
		b.put("n", pods(named("p", b.use("a", float64(i), 7))))
	}
	before, _ := b.pod("n", "ns", "p", "u")
	b.store.MatchPods(Identity{Name: "n"})
	b.store.MatchPods(Identity{Name: "never"})
	if after, ok := b.pod("n", "ns", "p", "u"); !ok || after != before {
		t.Errorf("the usage is %v, it was %v", after, before)
	}
}

// TestMatchPodsIgnoresReplacedReadings has a pod become known after its node's usage has ended.
func TestMatchPodsIgnoresReplacedReadings(t *testing.T) {
	tests := []struct {
		name string
		age  time.Duration
		end  func(*env)
		id   Identity
	}{
		{"a scrape failed, and only the newest counts", 0, func(b *env) { b.store.Fail("n") }, Identity{Name: "n"}},
		{"the node is gone", maxAge, func(b *env) { b.store.Delete("n") }, Identity{Name: "n"}},
		{"the node is another", maxAge, func(*env) {}, Identity{Name: "n", UID: "another"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newEnv(t, tt.age)
			for i := range 2 {
				b.advance(15)
				b.put("n", pods(named("p", b.use("a", float64(i)*1.5, 7))))
			}
			tt.end(b)
			b.run("n", "p", "u", "a")
			b.store.MatchPods(tt.id)
			b.want(shown{})
		})
	}
}
