package decode

import "github.com/plimsoll/plimsoll/pkg/sample"

// fsStats is the part of the kubelet's type that is used here.
type fsStats struct {
	time           moment
	used, capacity number
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

// disk is the local disk space in use: of a node that of the file system of the kubelet's directory, of a container that of its writable
// layer and its logs together. Where one of these two is not known neither is the sum.
func (s *usageStats) disk(rejected *sample.Rejections) sample.Reading {
	if s.Fs.used.present {
		return s.Fs.reading(rejected)
	}
	layer, logs := s.Rootfs.reading(rejected), s.Logs.reading(rejected)
	if !layer.Known || !logs.Known {
		return sample.Reading{}
	}
	sum := layer.Value + logs.Value // of two numbers below tooLarge
	if sum >= tooLarge {
		rejected.Add(sample.TooLarge)
		return sample.Reading{}
	}
	return sample.Reading{Value: sum, Time: min(layer.Time, logs.Time), Known: true}
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
