package store

import (
	"slices"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// disks are what a node's kubelet said last of local disk space. They change more slowly than the other numbers, are read
// less often, and join the answers of the looks that follow. The zero value knows of none.
type disks struct {
	// until is when they are too old to be served, in Unix nanoseconds of the server's clock.
	until int64
	node  sample.Reading
	pods  map[podKey]podDisks
}

// podDisks are of the pod with this UID, as its object has it.
type podDisks struct {
	uid string
	// names are those of the containers, in their order.
	names      names
	containers []containerDisk
}

// containerDisk is what an instance of a container uses, in bytes. Start is when the instance began, in Unix nanoseconds; 0 where that is
// unknown.
type containerDisk struct {
	name  string
	start int64
	bytes uint64
}

// PutExtra takes what a node's kubelet said of its disks at the full summary, to be served with the node's numbers for as long as keep. It
// returns what was rejected, the decoder's rejections included. It keeps nothing of d but strings.
func (s *Store) PutExtra(id Identity, from sample.Endpoint, d *sample.Node, keep time.Duration) sample.Rejections {
	rejected := d.Rejected
	if from != sample.FullSummary {
		return rejected
	}
	held := s.find(id.Name)
	if held == nil {
		return rejected
	}
	held.mu.Lock()
	defer held.unlock()
	if held.id != id {
		return rejected
	}
	now := s.clock.Now()
	held.disks = disks{until: now.Add(keep).UnixNano(), node: d.Extra.Get(sample.EphemeralStorage), pods: make(map[podKey]podDisks, len(d.Pods))}
	for _, p := range d.Pods {
		expected, known := s.objects.Pod(p.Namespace, p.Name)
		if !known || !held.speaksFor(expected, p.UID) {
			rejected.Add(sample.Foreign)
			continue
		}
		held.disks.pods[podKey{p.Namespace, p.Name}] = newDisks(p.Containers, expected)
	}
	return rejected
}

// of is what is known of a pod's containers; the zero value where nothing is.
func (d *disks) of(key podKey, uid string, now int64) podDisks {
	if p := d.pods[key]; p.uid == uid && now < d.until {
		return p
	}
	return podDisks{}
}

// ofNode is what is known of the node itself.
func (d *disks) ofNode(now int64) sample.Reading {
	if now >= d.until {
		return sample.Reading{}
	}
	return d.node
}

// bytes is what this instance of a container uses; false where that is not known.
func (d podDisks) bytes(c *container) (uint64, bool) {
	at := d.names.find(c.name)
	if at < 0 || !c.cpu.SameLife(d.containers[at].start) {
		return 0, false
	}
	return d.containers[at].bytes, true
}

// newDisks keeps the disks of the containers that are expected, of each name that of the instance that began last.
func newDisks(all []sample.Container, e Expected) podDisks {
	expected := indexNames(e.Containers)
	newest := make([]containerDisk, len(e.Containers))
	for _, c := range all {
		used := c.Extra.Get(sample.EphemeralStorage)
		if at := expected.find(c.Name); used.Known && at >= 0 && (newest[at].name == "" || c.Start > newest[at].start) {
			newest[at] = containerDisk{c.Name, c.Start, used.Value}
		}
	}
	newest = slices.DeleteFunc(newest, func(d containerDisk) bool { return d.name == "" })
	found := make([]string, len(newest))
	for i := range newest {
		found[i] = newest[i].name
	}
	return podDisks{uid: e.UID, names: indexNames(found), containers: newest}
}
