package store

import (
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// extraResponse has the extra resources that one further response of a node's kubelet reported. They change more slowly than CPU and
// memory, or are dearer to read, and are served with these until they are too old. The zero value has none.
type extraResponse struct {
	// until is when they are too old to be served, in Unix nanoseconds of the server's clock.
	until int64
	node  usage.Extras
	pods  map[podKey]podExtras
}

// podExtras are those of the pod with this UID, as its object has it.
type podExtras struct {
	uid string
	// names are those of the containers, in their order.
	names      nameIndex
	containers []instanceExtras
}

// instanceExtras are those of one instance of a container, which started at a time in Unix nanoseconds; 0 where that is not known.
type instanceExtras struct {
	start int64
	usage usage.Extras
}

// extras are the further responses of one node, in the order of what they cost: what an earlier one has goes before the others.
type extras [2]extraResponse

func (x *extras) from(e sample.Endpoint) *extraResponse {
	if e == sample.FullSummary {
		return &x[1]
	}
	return &x[0]
}

// PutExtra takes the extra resources of a further response of the node's kubelet, to be served with the node's usage for as long as keep.
// They replace what the same endpoint reported before, and are published at once with the CPU and memory that are published already. It
// returns what was rejected, the decoder's rejections included. It keeps nothing of sample but strings.
func (s *Store) PutExtra(id Identity, from sample.Endpoint, n *sample.Node, keep time.Duration) sample.Rejections {
	entry := s.find(id.Name)
	if entry == nil {
		return n.Rejected
	}
	entry.mu.Lock()
	defer entry.unlock()
	if entry.id != id {
		return n.Rejected
	}
	p := s.newPut(entry.scrapedAt, entry)
	p.rejected = n.Rejected
	if entry.extras == nil {
		entry.extras = &extras{}
	}
	*entry.extras.from(from) = entry.newExtraResponse(n, p.published+int64(keep), &p)
	entry.publishExtras(&p)
	s.scheduleExpiry(entry, p.expires)
	return p.rejected
}

func (n *node) newExtraResponse(s *sample.Node, until int64, p *put) extraResponse {
	r := extraResponse{until: until, node: p.acceptExtras(nil, s.Extra), pods: make(map[podKey]podExtras, len(s.Pods))}
	for i := range s.Pods {
		pod := &s.Pods[i]
		expected, known := p.objects.Pod(pod.Namespace, pod.Name)
		if !known || !n.owns(expected, pod.UID) {
			p.rejected.Add(sample.Foreign)
			continue
		}
		r.pods[podKey{pod.Namespace, pod.Name}] = newPodExtras(pod.Containers, expected, p)
	}
	return r
}

// newPodExtras keeps what is reported of the containers that are expected, of each name that of the instance that started last.
func newPodExtras(all []sample.Container, e Expected, p *put) podExtras {
	expected := newNameIndex(e.Containers)
	newest := make([]*sample.Container, len(e.Containers))
	for i := range all {
		c := &all[i]
		if at := expected.find(c.Name); len(c.Extra) > 0 && at >= 0 && (newest[at] == nil || c.Start > newest[at].Start) {
			newest[at] = c
		}
	}
	kept := podExtras{uid: e.UID}
	var found []string
	for _, c := range newest {
		if c != nil {
			found = append(found, c.Name)
			kept.containers = append(kept.containers, instanceExtras{c.Start, p.acceptExtras(nil, c.Extra)})
		}
	}
	kept.names = newNameIndex(found)
	return kept
}

// maxMillionths is the largest share of time.
const maxMillionths = 1e6

// acceptExtras adds the readings that can be to others.
func (p *put) acceptExtras(to usage.Extras, all sample.ExtraReadings) usage.Extras {
	for _, x := range all {
		switch {
		case x.Resource == sample.Swap && (p.capacity.swap == 0 || p.noSwap):
			// A kubelet reports zeros where there is no swap space, and where its runtime does not tell.
		case x.Resource == sample.Swap && sample.IsImplausible(x.Value, p.capacity.swap),
			x.Resource.Info().Unit == sample.Millionths && x.Value > maxMillionths:
			p.count(sample.Implausible)
		default:
			to = to.Add(x.Resource, x.Value)
		}
	}
	return to
}

// publishExtras replaces the extra resources of what is published and confirmed by the newest scrape.
func (n *node) publishExtras(p *put) {
	if n.missing == nothingMissing && n.usage != nil {
		newest := *n.usage
		newest.Extra = n.extrasOfSelf(p)
		n.publishSelf(&newest, n.fresh, p)
	}
	for key, pod := range n.pods {
		if pod.usage == nil || pod.missing.reason != nothingMissing || pod.reportedAt != n.scrapedAt {
			continue
		}
		expected, known := p.objects.Pod(key.namespace, key.name)
		if !known || expected.UID != pod.uid || !pod.usage.HasAll(expected.Containers) || len(pod.usage.Containers) != len(expected.Containers) {
			continue // The next scrape resolves it.
		}
		newest := *pod.usage
		newest.Containers = append([]usage.Container(nil), newest.Containers...)
		pod.setExtras(&newest, key, expected, n, p)
		pod.publishUsage(&newest, pod.fresh, key, expected, p)
	}
}
