package export

import (
	"iter"
	"maps"
	"slices"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// latest is what was exported last of each object, so that records come in the order of their times, and no reading twice. Systems that keep time series refuse
// a payload as a whole where one sample of it is older than one that they have, or has its time and another value.
//
// What it refers to is immutable, and the store has it as long as it is served. What became too old is kept for a while longer: a kubelet may report the same
// reading again after a scrape that failed.
type latest map[name]exported

// name is that of an object. One of the same name that follows, with another UID, continues its series in systems that know no UIDs.
type name struct{ namespace, name string }

// exported is usage that was exported, with its readings.
type exported struct {
	uid      string
	node     *usage.Node
	pod      *usage.Pod
	accepted []usage.Accepted
	// found is that of the change, and time the newest time of the usage so far, in Unix nanoseconds.
	found bool
	time  int64
	// ended is when its end was exported, in Unix nanoseconds; 0 while it is served.
	ended int64
}

// follow returns the changes with what was exported before of the same object, and in place of those after which there is no usage the end of what was exported.
// Now is in Unix nanoseconds. The changes are appended to all.
func (l latest) follow(all, changes []change, now int64) []change {
	all = slices.Grow(all, len(changes))
	for _, c := range changes {
		of := name{c.Key.Namespace, c.Key.Name}
		before, known := l[of]
		same := known && before.uid == c.Key.UID
		isEnd := c.Type != usage.Published
		if isServed := known && before.ended == 0; isServed && isEnd == same { // Its own end, or the beginning of another one of its name.
			all = append(all, l.end(of))
		}
		switch {
		case !isEnd:
			if same {
				c.before = before
			}
			l[of] = exported{c.Key.UID, c.Node, c.Pod, c.Accepted, c.found, max(c.time(), c.before.time), 0}
			all = append(all, c)
		case same && c.Type == usage.Expired:
			before.ended = now
			l[of] = before
		case same:
			delete(l, of)
		}
	}
	return all
}

// forget forgets what ended before a time, in Unix nanoseconds.
func (l latest) forget(until int64) {
	maps.DeleteFunc(l, func(_ name, x exported) bool { return x.ended != 0 && x.ended < until })
}

// missing returns the ends of all objects that are not served: the events that say so were lost.
func (l latest) missing(served iter.Seq[usage.Event]) (ends []change) {
	if len(l) == 0 {
		return nil
	}
	are := make(map[name]bool, len(l))
	for e := range served {
		are[name{e.Key.Namespace, e.Key.Name}] = true
	}
	for of, x := range l {
		if x.ended == 0 && !are[of] {
			ends = append(ends, l.end(of))
		}
	}
	return ends
}

// end forgets an object, and returns what was exported of it as its end.
func (l latest) end(of name) change {
	x := l[of]
	delete(l, of)
	key := usage.Key{Namespace: of.namespace, Name: of.name, UID: x.uid}
	return change{Event: usage.Event{Key: key, Node: x.node, Pod: x.pod, Accepted: x.accepted}, found: x.found, gone: true}
}

// time is that of the usage.
func (c *change) time() int64 {
	switch {
	case c.Node != nil:
		return c.Node.Time.UnixNano()
	case c.Pod != nil:
		return c.Pod.Time.UnixNano()
	}
	return 0
}

// onlyNew removes from a record of the change what was exported before. It is false where nothing is left.
func (c *change) onlyNew(r *Record) bool {
	if r.Gone = c.gone; r.Gone {
		return true
	}
	rate, cpu, memory := c.before.times(r, &c.passed)
	r.Previous = rate
	if r.Time <= rate {
		r.Time = 0
	}
	if r.CPU.Time <= cpu {
		r.CPU.Time = 0
	}
	if r.Memory.Time <= memory {
		r.Memory.Time = 0
	}
	return r.Time != 0 || r.CPU.Time != 0 || r.Memory.Time != 0
}

// times are those of the rate, the CPU time and the memory that were exported last of a record's object; 0 where none was. Passed is how many containers
// were passed for the containers before, which are in the order of the pod's object here and there: a pod with thousands of them is walked through once.
func (x *exported) times(r *Record, passed *int) (rate, cpu, memory int64) {
	switch {
	case r.Level == Pod:
		*passed = 0
		return x.time, 0, x.time
	case r.Level == Node && len(x.accepted) > 0:
		return x.time, x.accepted[0].CPUTime, x.accepted[0].MemoryTime
	case r.Level == Node || x.pod == nil:
		return x.time, 0, 0
	}
	at := slices.IndexFunc(x.pod.Containers[*passed:], func(c usage.Container) bool { return c.Name == r.Container })
	if at < 0 {
		return 0, 0, 0
	}
	at += *passed
	*passed = at + 1
	if a := x.readings(at); a != nil {
		return rateTime(a, x.pod, x.found), a.CPUTime, a.MemoryTime
	}
	return 0, 0, 0
}

// readings are those of a container; nil where it waits to be started again.
func (x *exported) readings(i int) *usage.Accepted {
	if i >= len(x.accepted) || x.accepted[i] == (usage.Accepted{}) {
		return nil
	}
	return &x.accepted[i]
}

// rateTime is the time of a container's rate. It is 0, not known, where its readings may be newer than the usage.
func rateTime(a *usage.Accepted, pod *usage.Pod, found bool) int64 {
	switch {
	case found:
		return 0
	case a.CPUTime != 0:
		return a.CPUTime
	}
	return pod.Time.UnixNano()
}
