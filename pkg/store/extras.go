package store

import (
	"math/bits"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// extras are the extra resources of one container, of a pod as a whole, or of a node itself, by the response that has them: that of the scrape first, then those of
// further requests in the order of what these cost the kubelet. What an earlier one has goes before the later ones.
type extras [3]extraReadings

// extraReadings are the extra resources that one response has.
type extraReadings struct {
	// at is when the scrape was read that the response is of, or follows: in Unix nanoseconds by the server's clock; 0 for none.
	at int64
	// start is when the container instance started that they are of, in Unix nanoseconds; 0 where that is not known.
	start int64
	usage usage.Extras
}

// fromScrape is the index of the response of the scrape. That of a further response is the position of its endpoint among those of [sample.Endpoint].
const fromScrape = 0

// PutExtra takes the extra resources of a further response of the node's kubelet, which is requested once per interval. They replace those that the same
// endpoint reported before, and are published at once with the CPU and memory that are published already, until [usage.ExtrasUntil]. It
// returns what was rejected, the decoder's rejections included. It keeps nothing of n but strings.
func (s *Store) PutExtra(id Identity, from sample.Endpoint, n *sample.Node, interval time.Duration) sample.Rejections {
	rejected, index := n.Rejected, bits.TrailingZeros8(uint8(from))
	s.amend(id, func(p *pass) {
		p.result.Rejected = n.Rejected
		p.node.replaceExtras(index, n, p)
		until := usage.ExtrasUntil(from, p.published, interval)
		p.node.extrasUntil[index] = until
		p.expires = min(p.expires, until-1)
		p.node.publishExtras(p)
		rejected = p.result.Rejected
	})
	return rejected
}

// replaceExtras replaces the extra resources of one further response.
func (n *node) replaceExtras(from int, s *sample.Node, p *pass) {
	for _, po := range n.pods {
		po.own = po.own.put(from, 0, nil, p)
		for i := range po.containers.all {
			po.containers.all[i].putExtras(from, 0, nil, p)
		}
	}
	n.self.putExtras(from, 0, s.Extra, p)
	for i := range s.Pods {
		reported := &s.Pods[i]
		expected, known := p.objects.Pod(reported.Namespace, reported.Name)
		if !known || !n.owns(expected, reported.UID) {
			p.result.Rejected.Add(sample.Foreign)
			continue
		}
		n.getOrCreate(podKey{reported.Namespace, reported.Name}, expected, known, p).putExtras(from, reported, expected, p)
	}
}

// putExtras keeps what a further response reported of the pod and of the containers that are expected, of each name that of the instance that started
// last.
func (po *pod) putExtras(from int, s *sample.Pod, e Expected, p *pass) {
	po.own = po.own.put(from, 0, s.Extra, p)
	expected := newNameIndex(e.Containers)
	for i := range s.Containers {
		c := &s.Containers[i]
		if len(c.Extra) == 0 || expected.find(c.Name) < 0 {
			continue
		}
		entry := po.containers.get(c.Name)
		if x := entry.extras; x == nil || len(x[from].usage) == 0 || c.Start > x[from].start {
			entry.putExtras(from, c.Start, c.Extra, p)
		}
	}
}

// putExtras replaces the extra resources of one response by those of an instance that started at a time.
func (s *usageState) putExtras(from int, start int64, all sample.ExtraReadings, p *pass) {
	s.extras = s.extras.put(from, start, all, p)
}

// put returns the extra resources with those of one response replaced; nil where there are none yet.
func (x *extras) put(from int, start int64, all sample.ExtraReadings, p *pass) *extras {
	if x == nil {
		if len(all) == 0 {
			return nil
		}
		x = &extras{}
	}
	x[from] = extraReadings{p.now, start, p.acceptExtras(x[from].usage[:0], all)}
	return x
}

// maxMillionths is the largest share of time.
const maxMillionths = 1e6

// acceptExtras adds the readings that can be true to others.
func (p *pass) acceptExtras(to usage.Extras, all sample.ExtraReadings) usage.Extras {
	for _, x := range all {
		switch {
		case x.Resource == sample.Swap && (p.node.id.Swap == 0 || p.noSwap):
			// A kubelet reports zeros where there is no swap space, and where its runtime reports none.
		case x.Resource == sample.Swap && sample.IsImplausible(x.Value, p.node.id.Swap),
			x.Resource == sample.PodCPU && sample.IsImplausible(x.Value, p.node.id.CPU),
			x.Resource == sample.PodMemory && sample.IsImplausible(x.Value, p.node.id.Memory),
			x.Resource.Info().Unit == sample.Millionths && x.Value > maxMillionths:
			p.countRejected(sample.Implausible)
		default:
			to = to.Add(x.Resource, x.Value)
		}
	}
	return to
}
