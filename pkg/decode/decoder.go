package decode

import (
	"context"
	"fmt"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// ResourceDecoder decodes the answers of one kubelet, one after the other, to what Resource would make of each. It remembers which
// containers the latest had, in which order: the next mostly has the same, and then only its numbers are read, and nothing is
// allocated. Where it has others, as the first does, a glance tells which. Its zero value remembers none. It is not safe for concurrent use.
//
// There is one difference. A kubelet ends its answer with a gauge that tells whether it failed; after an answer that had the gauge one
// without it breaks off at the end of a line, which nothing else would show.
//
// It keeps about a hundred bytes a container, half of them names that it shares with the samples that it gave away.
type ResourceDecoder struct {
	// Filter tells which containers to leave out; nil for none. It may change its mind between two answers.
	Filter Filter
	// Extra are the extra resources to read. They must be the same for all bodies.
	Extra sample.ResourceSet

	layout layout
	// ended is true where the latest answer that was used had the gauge at its end.
	ended bool
}

// Decode makes n a sample of the body, reusing the memory of its slices. The caller keeps both, and has them for itself meanwhile. After
// an error, which is one of Resource's, or the context's cause where the context ended, n is of no use.
func (d *ResourceDecoder) Decode(ctx context.Context, body []byte, n *sample.Node) error {
	if err := checkLines(body); err != nil {
		return err
	}
	filter := d.filter()
	if ended, ok := d.layout.read(body, n, filter, d.Extra); ok && d.ends(ended) {
		return nil
	}
	names := d.layout.names()
	guess := glance(body, names, filter, d.Extra)
	if ended, ok := guess.read(body, n, filter, d.Extra); ok && d.ends(ended) {
		d.layout = guess
		return nil
	}
	read, err := readResource(ctx, body, names, filter, d.Extra)
	if err != nil {
		return err
	}
	if !d.ends(read.health.seen || read.health.oldSeen) {
		return fmt.Errorf("%w: it lacks the metric resource_scrape_error, which the answer before it had", ErrTruncated)
	}
	*n = read.node()
	d.layout = layoutOf(read.assembly)
	return nil
}

func (d *ResourceDecoder) filter() Filter {
	if d.Filter == nil {
		return Everything{}
	}
	return d.Filter
}

// ends takes in whether an answer had the gauge at its end. It is false where that is missing.
func (d *ResourceDecoder) ends(gauge bool) bool {
	d.ended = d.ended || gauge
	return gauge || !d.ended
}
