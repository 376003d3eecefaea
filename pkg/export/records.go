package export

import (
	"iter"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// records iterates over the records of changes: one of a node; one of a pod, and those of its containers.
func (c *cluster) records(changes []change) iter.Seq[*Record] {
	return func(yield func(*Record) bool) {
		var e *change
		m := maker{cluster: c}
		m.yield = func(r *Record) bool {
			if !e.onlyNew(r) || !r.IsFirst(c.needs.Interval) {
				return true
			}
			m.addObject(e)
			return yield(r)
		}
		for i := range changes {
			e = &changes[i]
			if e.Node != nil && !m.node(e) || e.Pod != nil && !m.pod(e) {
				return
			}
		}
	}
}

// maker makes one record after the other in the same place.
type maker struct {
	*cluster
	yield  func(*Record) bool
	record Record
	labels []string
	// of is the change whose object is in object: what the cluster knows of it is asked for once, and only where there is a record.
	of     *change
	object Object
	// pods and allocated are the requests and limits of the pod, and of the container.
	pods, allocated allocated
}

// node yields the record of a node. It is false where no further one is wanted.
func (m *maker) node(e *change) bool {
	u := e.Node
	m.record = Record{
		Level: Node, Cluster: m.Name, Node: e.Key.Name,
		Rate: u.CPU, Time: u.Time.UnixNano(), Window: int64(u.Window), Extra: u.Extra,
	}
	if len(e.Accepted) > 0 {
		m.addReadings(e.Accepted[0])
	}
	return m.yield(&m.record)
}

// pod yields the record of a pod, the sum over its containers, and then those of the containers.
func (m *maker) pod(e *change) bool {
	u := e.Pod
	whole := Record{
		Level: Pod, Cluster: m.Name, Node: u.Node, Namespace: e.Key.Namespace, Pod: e.Key.Name, UID: e.Key.UID,
		Time: u.Time.UnixNano(), Window: int64(u.Window), Memory: Reading{Time: u.Time.UnixNano()},
	}
	for i := range u.Containers {
		whole.Rate += u.Containers[i].CPU
		whole.Memory.Value += u.Containers[i].Memory
	}
	m.record = whole
	if !m.yield(&m.record) {
		return false
	}
	for i := range u.Containers {
		m.record = whole
		if m.container(e, i) && !m.yield(&m.record) {
			return false
		}
	}
	return true
}

// addObject adds to the record of a change what the cluster knows of the object, as far as a sink needs it.
func (m *maker) addObject(e *change) {
	if !m.needs.Labels && !m.needs.Resources {
		return
	}
	if m.of != e {
		m.of = e
		m.readObject(e)
	}
	m.record.Labels = m.labels
	switch {
	case m.record.Level == Node:
		if a := m.sums.nodes[e.Key.Name]; a != nil {
			m.record.Requests, m.record.Limits = &a.requests, &a.limits
		}
	case m.object.Resources == nil:
	case m.record.Level == Pod:
		m.record.Requests, m.record.Limits = &m.pods.requests, &m.pods.limits
	default:
		m.allocated.requests, m.allocated.limits = m.object.Resources(m.record.Container)
		m.record.Requests, m.record.Limits = &m.allocated.requests, &m.allocated.limits
	}
}

// readObject asks the cluster for the object of a change, and adds up the requests and limits of a pod's containers, where they are known.
func (m *maker) readObject(e *change) {
	m.pods, m.labels = allocated{}, m.labels[:0]
	if e.Node != nil {
		m.object, _ = m.Objects.Node(e.Key.Name)
	} else {
		m.object, _ = m.Objects.Pod(e.Key.Namespace, e.Key.Name)
	}
	if m.needs.Labels {
		m.labels = m.object.appendLabels(m.labels)
	}
	if e.Pod == nil || m.object.Resources == nil {
		return
	}
	for i := range e.Pod.Containers {
		m.pods.add(m.object.Resources(e.Pod.Containers[i].Name))
	}
}

// container makes the record of the pod that of one of its containers. It is false where that waits to be started again, and so has no readings.
func (m *maker) container(e *change, i int) bool {
	x := exported{pod: e.Pod, accepted: e.Accepted, found: e.found}
	a := x.readings(i)
	if a == nil {
		return false
	}
	c := &e.Pod.Containers[i]
	m.record.Level, m.record.Container = Container, c.Name
	m.record.Rate, m.record.Time, m.record.Extra = c.CPU, rateTime(a, e.Pod, e.found), c.Extra
	m.addReadings(*a)
	return true
}

// addReadings adds the readings that the usage is computed from, each with its own time.
func (m *maker) addReadings(a usage.Accepted) {
	m.record.Start = a.Start
	m.record.CPU = Reading{a.CPU, a.CPUTime}
	m.record.Memory = Reading{a.Memory, a.MemoryTime}
}
