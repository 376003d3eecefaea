package fleet

import (
	"compress/gzip"
	"io"
	"sync"
)

// page is the state of one request: the readings of a node at one moment and the bytes of the response.
type page struct {
	body []byte
	// history notes the pods of the page; nil for none. It notes the readings too if they are true, which those of a page that must not be used are not.
	history *history
	isTrue  bool
	node    cgroupReading
	// pods and containers are in the order of the node's.
	pods, containers []cgroupReading
}

// pages keeps pages and compressors for the next requests: rendering allocates nothing once they have grown.
type pages struct{ pool, compressors sync.Pool }

func (p *pages) get() *page {
	if reused, ok := p.pool.Get().(*page); ok {
		return reused
	}
	return &page{}
}

func (p *pages) put(used *page) {
	used.body, used.history, used.isTrue = used.body[:0], nil, false
	p.pool.Put(used)
}

func (p *pages) compressor(w io.Writer) *gzip.Writer {
	if reused, ok := p.compressors.Get().(*gzip.Writer); ok {
		reused.Reset(w)
		return reused
	}
	return gzip.NewWriter(w)
}

func (p *pages) reuse(used *gzip.Writer) { p.compressors.Put(used) }

// read takes all readings of a node, for one of the two endpoints. The caller holds n.mu.
func (p *page) read(n *node, now int64, summary bool) {
	p.node = n.used.read(n.rhythm, n.readings, now).plus(n.base.read(n.rhythm, n.readings, now))
	p.pods, p.containers = p.pods[:0], p.containers[:0]
	for _, pod := range n.pods {
		p.pods = append(p.pods, pod.usage.read(pod.rhythm, n.readings, now))
	}
	for _, c := range n.containers {
		p.containers = append(p.containers, c.usage.read(c.rhythm, n.readings, now))
	}
	switch {
	case p.history == nil:
	case p.isTrue:
		p.history.add(n, p, now, summary)
	default:
		p.history.meet(n, now)
	}
}
