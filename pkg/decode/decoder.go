package decode

import (
	"context"
	"fmt"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// ResourceDecoder decodes the responses of one kubelet, one after the other, with the results of Resource. It remembers the layout of the
// latest body, because the next one mostly has the same containers in the same order: the fast path then reads only the values, and allocates
// nothing. For a body with another layout, such as the first, the layout is inferred from the body. The zero value remembers none. It is not
// safe for concurrent use.
//
// There is one difference to Resource. A kubelet ends its response with a gauge that reports whether it failed. After a body with the gauge, a
// body without it counts as truncated at the end of a line, which nothing else would show.
//
// A decoder keeps about a hundred bytes for each container, half of them names that it shares with the samples that it returned.
type ResourceDecoder struct {
	// Filter decides which containers are left out; nil for none. Its decisions may change between two bodies.
	Filter Filter
	// Extra are the extra resources to read. They must be the same for all bodies.
	Extra sample.ResourceSet

	layout layout
	// ended is true once a body had the gauge at its end.
	ended bool
}

// Decode makes n a sample of the body, reusing the memory of its slices. Both stay the caller's, who must not change them meanwhile. After
// an error, which is one of Resource's, or the context's cause where the context ended, n must not be used.
func (d *ResourceDecoder) Decode(ctx context.Context, body []byte, n *sample.Node) error {
	if err := checkLines(body); err != nil {
		return err
	}
	filter := d.filter()
	if ended, ok := d.layout.read(body, n, filter, d.Extra); ok && d.hasEnd(ended) {
		return nil
	}
	names := d.layout.names()
	guess := inferLayout(body, names, filter, d.Extra)
	if ended, ok := guess.read(body, n, filter, d.Extra); ok && d.hasEnd(ended) {
		d.layout = guess
		return nil
	}
	read, err := readResource(ctx, body, names, filter, d.Extra)
	if err != nil {
		return err
	}
	if !d.hasEnd(read.health.seen || read.health.oldSeen) {
		return fmt.Errorf("%w: the metric resource_scrape_error is missing, which the response before had", ErrTruncated)
	}
	*n = read.result()
	d.layout = layoutOf(read.sampleBuilder)
	return nil
}

func (d *ResourceDecoder) filter() Filter {
	if d.Filter == nil {
		return Everything{}
	}
	return d.Filter
}

// hasEnd records whether a body had the gauge at its end. It is false where the gauge is missing although a body before had it.
func (d *ResourceDecoder) hasEnd(gauge bool) bool {
	d.ended = d.ended || gauge
	return gauge || !d.ended
}
