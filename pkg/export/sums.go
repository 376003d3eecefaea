package export

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Allocation is what a pod that is bound to a node, and has not ended, requests, and its limits: the sums over its containers.
type Allocation struct {
	Namespace, Node  string
	Requests, Limits Amounts
}

// sums adds up what is allocated and used, once in each resolution, or in each interval in which a sink needs usage.
type sums struct {
	*cluster
	details *details
	next    time.Time
	// previous is the time of the sums before, in Unix nanoseconds; 0 for none.
	previous int64
	// nodes is what is allocated on each node.
	nodes map[string]*allocated
}

// allocated are the requests and limits of several pods.
type allocated struct{ requests, limits Amounts }

func (a *allocated) add(requests, limits Amounts) {
	a.requests.Add(requests)
	a.limits.Add(limits)
}

// due is a feed. Of a namespace in which nothing is served there is no sum.
func (s *sums) due(now time.Time, served iter.Seq[usage.Event]) iter.Seq[*Record] {
	if now.Before(s.next) || !IsLater(s.needs.Interval, now.UnixNano(), s.previous) {
		return nil
	}
	s.next = now.Add(s.Resolution)
	namespaces := s.allocate()
	if !s.needs.Sums {
		return nil
	}
	all := &Record{Level: Cluster, Cluster: s.Name, Time: now.UnixNano(), Window: int64(s.Resolution), Memory: Reading{Time: now.UnixNano()}}
	used := map[string]*Record{}
	for e := range served {
		if e.Pod == nil {
			continue
		}
		r := used[e.Key.Namespace]
		if r == nil {
			r = &Record{Level: Namespace, Cluster: s.Name, Namespace: e.Key.Namespace, Time: all.Time, Window: all.Window, Memory: Reading{Time: all.Time}}
			used[e.Key.Namespace] = r
		}
		r.addUsage(e.Pod)
		all.addUsage(e.Pod)
	}
	if len(used) == 0 {
		return nil
	}
	records := slices.SortedFunc(maps.Values(used), func(a, b *Record) int { return cmp.Compare(a.Namespace, b.Namespace) })
	records = append(records, all)
	for _, r := range records {
		r.Previous = s.previous
	}
	s.previous = all.Time
	s.addAllocated(records, namespaces)
	return slices.Values(append(records, s.memoryUsage(records)...))
}

// allocate adds up what the pods request, by node and by namespace, where a sink needs that.
func (s *sums) allocate() (namespaces map[string]*allocated) {
	if !s.needs.Resources {
		return nil
	}
	namespaces, s.nodes = map[string]*allocated{}, map[string]*allocated{}
	for a := range s.Objects.Allocations() {
		entry(namespaces, a.Namespace).add(a.Requests, a.Limits)
		entry(s.nodes, a.Node).add(a.Requests, a.Limits)
	}
	return namespaces
}

func entry(all map[string]*allocated, name string) *allocated {
	a := all[name]
	if a == nil {
		a = &allocated{}
		all[name] = a
	}
	return a
}

// addAllocated gives the records of namespaces, and the last one, which is that of the cluster, what is allocated.
func (s *sums) addAllocated(records []*Record, namespaces map[string]*allocated) {
	if namespaces == nil {
		return
	}
	total := &allocated{}
	for _, a := range namespaces {
		total.add(a.requests, a.limits)
	}
	for _, r := range records {
		a := total
		if r.Level == Namespace {
			a = entry(namespaces, r.Namespace)
		}
		r.Requests, r.Limits = &a.requests, &a.limits
	}
}

// memoryUsage returns records of the memory with all caches, of those sums of which the details have it.
func (s *sums) memoryUsage(records []*Record) (with []*Record) {
	if s.details == nil {
		return nil
	}
	used := s.details.memoryUsage()
	for _, r := range records {
		if value := used[r.Namespace]; value > 0 { // The empty name is that of the sum.
			with = append(with, &Record{
				Level: r.Level, Cluster: r.Cluster, Namespace: r.Namespace, Details: &Details{MemoryUsage: Reading{value, r.Time}, Previous: DetailTimes{Memory: r.Previous}},
			})
		}
	}
	return with
}

// addUsage adds what a pod uses.
func (r *Record) addUsage(p *usage.Pod) {
	for i := range p.Containers {
		r.Rate += p.Containers[i].CPU
		r.Memory.Value += p.Containers[i].Memory
	}
}
