package fleet

import (
	"fmt"
	"slices"
	"strings"
)

// load is a CPU load that the running pods of a group share.
type load struct {
	// set is false until SetLoad names the group: until then the usage of its pods is that of their annotations.
	set bool
	// total is in nanocores.
	total   uint64
	members []placed
}

// SetLoad gives a group of pods a load in cores, which its running pods share evenly from now on, however many there come
// to be: more pods make each of them use less. The group is "<namespace>/<name>", the name being the pods' load group.
func (f *Fleet) SetLoad(group string, cores float64) error {
	total, err := nanocores(cores)
	if err != nil {
		return fmt.Errorf("load of group %q: %w", group, err)
	}
	if namespace, name, ok := strings.Cut(group, "/"); !ok || namespace == "" || name == "" {
		return fmt.Errorf("load group %q: give it as <namespace>/<name>", group)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.load(group)
	l.set, l.total = true, total
	f.spread(l)
	return nil
}

func (f *Fleet) load(group string) *load {
	if f.loads[group] == nil {
		f.loads[group] = &load{}
	}
	return f.loads[group]
}

// join counts a pod as a member of its group, once. The caller holds f.mu.
func (f *Fleet) join(at placed) {
	if at.pod.group == "" {
		return
	}
	l := f.load(at.pod.key.namespace + "/" + at.pod.group)
	if !slices.Contains(l.members, at) {
		l.members = append(l.members, at)
		f.spread(l)
	}
}

// leave ends a pod's membership. The caller holds f.mu.
func (f *Fleet) leave(at placed) {
	l := f.loads[at.pod.key.namespace+"/"+at.pod.group]
	if l == nil {
		return
	}
	l.members = slices.DeleteFunc(l.members, func(m placed) bool { return m == at })
	f.spread(l)
}

// spread divides a load evenly. The caller holds f.mu.
func (f *Fleet) spread(l *load) {
	if !l.set || len(l.members) == 0 {
		return
	}
	now, each := f.now(), l.total/uint64(len(l.members))
	for _, m := range l.members {
		m.node.share(m.pod, each, now)
	}
}
