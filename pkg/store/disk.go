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
	uid        string
	containers []sample.ContainerDisk
}

// PutDisk takes what a node's kubelet said of its disks, to be served with the node's numbers for as long as keep. It
// returns what was rejected, the decoder's rejections included. It keeps the slices of d.
func (s *Store) PutDisk(id Identity, d *sample.Disk, keep time.Duration, pods Pods) sample.Rejections {
	rejected := d.Rejected
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
	held.disks = disks{until: now.Add(keep).UnixNano(), node: d.Node, pods: make(map[podKey]podDisks, len(d.Pods))}
	for _, p := range d.Pods {
		expected, known := pods.Expect(p.Namespace, p.Name)
		if !known || !held.speaksFor(expected, p.UID) {
			rejected.Add(sample.Foreign)
			continue
		}
		held.disks.pods[podKey{p.Namespace, p.Name}] = podDisks{expected.UID, p.Containers}
	}
	return rejected
}

// of is what is known of a pod's containers; nil where nothing is.
func (d *disks) of(key podKey, uid string, now int64) []sample.ContainerDisk {
	if p := d.pods[key]; p.uid == uid && now < d.until {
		return p.containers
	}
	return nil
}

// ofNode is what is known of the node itself.
func (d *disks) ofNode(now int64) sample.Reading {
	if now >= d.until {
		return sample.Reading{}
	}
	return d.node
}

// bytes is what this life of a container uses; false where it is not known.
func (c *container) bytes(disks []sample.ContainerDisk) (uint64, bool) {
	i := slices.IndexFunc(disks, func(d sample.ContainerDisk) bool { return d.Name == c.name && c.cpu.SameLife(d.Start) })
	if i < 0 {
		return 0, false
	}
	return disks[i].Bytes, true
}
