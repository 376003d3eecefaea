package export

import (
	"cmp"
	"iter"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// DetailsQueue takes the details of nodes as they are read, until the exporter fetches them: of each node the newest. It is safe for concurrent use.
type DetailsQueue struct {
	objects Objects

	mu      sync.Mutex
	waiting map[string]nodeDetails
}

// NewDetailsQueue returns an empty queue. It takes what is of a cluster's own pods: a kubelet can fill it with no others.
func NewDetailsQueue(objects Objects) *DetailsQueue {
	return &DetailsQueue{objects: objects, waiting: map[string]nodeDetails{}}
}

// nodeDetails are the details of one reading of a node.
type nodeDetails struct {
	node string
	objectDetails
	pods []podDetails
}

type podDetails struct {
	namespace, name, uid string
	objectDetails
	containers []containerDetails
}

type containerDetails struct {
	name string
	objectDetails
}

// objectDetails are those of one object and when that started; the details may be nil.
type objectDetails struct {
	start   int64
	details *sample.Details
}

// PutDetails takes the details of one response, in place of those of the same node that still wait.
func (q *DetailsQueue) PutDetails(node string, n *sample.Node) {
	taken := nodeDetails{node: node, objectDetails: objectDetails{n.Start, n.Details}}
	for i := range n.Pods {
		p := &n.Pods[i]
		o, known := q.objects.Pod(p.Namespace, p.Name)
		if !known || o.Node != node || p.UID != "" && !o.Static && p.UID != o.UID {
			continue
		}
		pod := podDetails{namespace: p.Namespace, name: p.Name, uid: o.UID, objectDetails: objectDetails{p.Start, p.Details}}
		for j := range p.Containers {
			// A container has its start from the scrape.
			pod.containers = append(pod.containers, containerDetails{p.Containers[j].Name, objectDetails{0, p.Containers[j].Details}})
		}
		taken.pods = append(taken.pods, pod)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting[node] = taken
}

// take empties the queue, in the order of the nodes.
func (q *DetailsQueue) take() []nodeDetails {
	q.mu.Lock()
	taken := q.waiting
	q.waiting = map[string]nodeDetails{}
	q.mu.Unlock()
	return slices.SortedFunc(maps.Values(taken), func(a, b nodeDetails) int { return cmp.Compare(a.node, b.node) })
}

// details makes records of what is in the queue of a cluster.
type details struct {
	*cluster
	// nodes are the nodes of which something was read.
	nodes map[string]*detailedNode
	swept time.Time
}

// detailedNode is what is kept of a node between two readings.
type detailedNode struct {
	readAt time.Time
	detailedObject
	pods map[podKey]detailedPod
}

// detailedObject is what is kept of any object: the times of its details, and the counters of its network, where it has one.
type detailedObject struct {
	times   DetailTimes
	network traffic
}

type podKey struct{ namespace, name string }

// detailedPod is what is kept of a pod. Memory is the sum over its containers, in bytes; 0 where that is not known.
type detailedPod struct {
	uid string
	detailedObject
	memory     uint64
	containers []detailedContainer
}

type detailedContainer struct {
	name  string
	times DetailTimes
}

// maxDetailAge is how old a reading may be, and for how long after the reading before a rate is made.
const maxDetailAge = 10 * time.Minute

// due is a feed.
func (d *details) due(now time.Time) iter.Seq[*Record] {
	if now.Sub(d.swept) >= time.Minute {
		d.swept = now
		maps.DeleteFunc(d.nodes, func(_ string, n *detailedNode) bool { return now.Sub(n.readAt) > maxDetailAge })
	}
	var all []*Record
	for _, n := range d.Details.take() {
		all = d.addNode(all, &n, now)
	}
	if all == nil {
		return nil
	}
	return slices.Values(all)
}

// addNode appends the records of one node's reading. Of pods that this does not have nothing is kept.
func (d *details) addNode(to []*Record, n *nodeDetails, now time.Time) []*Record {
	before := d.nodes[n.node]
	if before == nil {
		before = &detailedNode{}
	}
	kept := &detailedNode{readAt: now, detailedObject: before.detailedObject, pods: make(map[podKey]detailedPod, len(n.pods))}
	d.nodes[n.node] = kept
	r := Record{Level: Node, Cluster: d.Name, Node: n.node}
	if d.needs.Labels {
		o, _ := d.Objects.Node(n.node)
		r.Labels = o.appendLabels(nil)
	}
	to = r.appendTo(to, n.objectDetails, &kept.detailedObject, now)
	for i := range n.pods {
		p := &n.pods[i]
		pod := before.pods[podKey{p.namespace, p.name}]
		if pod.uid != p.uid {
			pod = detailedPod{uid: p.uid}
		}
		to = d.addPod(to, n.node, p, &pod, now)
		kept.pods[podKey{p.namespace, p.name}] = pod
	}
	return to
}

// addPod appends the records of a pod and its containers.
func (d *details) addPod(to []*Record, node string, p *podDetails, kept *detailedPod, now time.Time) []*Record {
	r := Record{Level: Pod, Cluster: d.Name, Node: node, Namespace: p.namespace, Pod: p.name, UID: p.uid}
	if d.needs.Labels {
		o, _ := d.Objects.Pod(p.namespace, p.name)
		r.Labels = o.appendLabels(nil)
	}
	p.addMemory()
	kept.memory = p.memory()
	to = r.appendTo(to, p.objectDetails, &kept.detailedObject, now)
	r.Level = Container
	before := kept.containers
	kept.containers = make([]detailedContainer, 0, len(p.containers))
	times := make(map[string]DetailTimes, len(before)) // A kubelet chooses how many there are, and their order.
	for _, b := range before {
		times[b.name] = b.times
	}
	for _, c := range p.containers {
		r.Container = c.name
		one := detailedObject{times: times[c.name]}
		to = r.appendTo(to, c.objectDetails, &one, now)
		kept.containers = append(kept.containers, detailedContainer{c.name, one.times})
	}
	return to
}

// addMemory gives the pod the sum over its containers, at the oldest of their times, unless one of them is missing.
func (p *podDetails) addMemory() {
	sum := sample.Reading{Time: math.MaxInt64, Known: len(p.containers) > 0}
	for _, c := range p.containers {
		if c.details == nil || !c.details.Memory.Known {
			return
		}
		sum.Value, sum.Time = sum.Value+c.details.Memory.Value, min(sum.Time, c.details.Memory.Time)
	}
	if p.details == nil {
		p.details = &sample.Details{}
	}
	p.details.Memory = sum
}

func (p *podDetails) memory() uint64 {
	if p.details == nil || !p.details.Memory.Known {
		return 0
	}
	return p.details.Memory.Value
}

// appendTo appends a copy of the record with details, unless there are none, and keeps what is needed of them.
func (r Record) appendTo(to []*Record, o objectDetails, kept *detailedObject, now time.Time) []*Record {
	if o.details == nil {
		return to
	}
	known := func(from *sample.Reading) Reading {
		if age := now.UnixNano() - from.Time; !from.Known || age > int64(maxDetailAge) || age < -int64(time.Minute) {
			return Reading{}
		}
		return Reading{from.Value, from.Time}
	}
	s := o.details
	d := &Details{
		MemoryUsage: known(&s.Memory), Received: known(&s.Received), Sent: known(&s.Sent),
		Filesystem: known(&s.Filesystem), FilesystemLimit: known(&s.FilesystemLimit), Logs: known(&s.Logs), LogsLimit: known(&s.LogsLimit),
	}
	kept.network.addRates(d)
	d.Previous, kept.times = kept.times, kept.times.after(d.Times())
	r.Start, r.Details = o.start, d
	return append(to, &r)
}

// after returns the later ones, each by itself.
func (t DetailTimes) after(next DetailTimes) DetailTimes {
	return DetailTimes{max(t.Memory, next.Memory), max(t.Network, next.Network), max(t.Filesystem, next.Filesystem), max(t.Logs, next.Logs)}
}

// memoryUsage is the memory of the pods of each namespace with all caches, in bytes, and under the empty name that of all.
func (d *details) memoryUsage() map[string]uint64 {
	used := map[string]uint64{}
	for _, n := range d.nodes {
		for key, p := range n.pods {
			used[key.namespace] += p.memory
			used[""] += p.memory
		}
	}
	return used
}
