package decode

import "github.com/plimsoll/plimsoll/pkg/sample"

// containerDisk is what the summary says of the disks of one container.
type containerDisk struct {
	name         []byte
	start        moment
	rootfs, logs fsStats
}

// fsStats is the part of the kubelet's type that is used here.
type fsStats struct {
	time           moment
	used, capacity number
}

func (c *containerDisk) member(r *jsonReader, name []byte) (err error) {
	switch {
	case is(name, "name"):
		c.name, err = r.text(c.name, maxContainerName)
		return err
	case is(name, "startTime"):
		return r.scalar(&c.start)
	case is(name, "rootfs"):
		return readInto(r, &c.rootfs, (*fsStats).member)
	case is(name, "logs"):
		return readInto(r, &c.logs, (*fsStats).member)
	}
	return r.SkipValue()
}

func (s *fsStats) member(r *jsonReader, name []byte) error {
	switch {
	case is(name, "time"):
		return r.scalar(&s.time)
	case is(name, "usedBytes"):
		return r.scalar(&s.used)
	case is(name, "capacityBytes"):
		return r.scalar(&s.capacity)
	}
	return r.SkipValue()
}

func (c *containerDisk) bytes(rejected *sample.Rejections) (sum uint64, ok bool) {
	layer, logs := c.rootfs.reading(rejected), c.logs.reading(rejected)
	sum = layer.Value + logs.Value // of two numbers below tooLarge
	if sum >= tooLarge {
		rejected.Add(sample.TooLarge)
		return 0, false
	}
	return sum, layer.Known && logs.Known
}

// reading is the use of the file system, unless it is more than the file system holds.
func (s *fsStats) reading(rejected *sample.Rejections) sample.Reading {
	used, holds := s.used.at(s.time, rejected), s.capacity
	if used.Known && holds.present && holds.reason == sample.Accepted && holds.value > 0 && used.Value > holds.value {
		rejected.Add(sample.Implausible)
		return sample.Reading{}
	}
	return used
}
