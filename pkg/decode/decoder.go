package decode

import (
	"context"
	"fmt"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// ResourceDecoder decodes the bodies of one kubelet's /metrics/resource, one after the other, in the Prometheus text format 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/). It remembers the layout of the latest body, because the next one mostly has
// the same containers in the same order: the fast path then reads only the values, and allocates nothing. For a body with another layout, such
// as the first, the layout is inferred from the body; where that fails, or the body is not written as kubelets write, the full parser reads it.
// The zero value remembers no layout. It is not safe for concurrent use.
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

// Decode makes n a sample of the body, reusing the memory of its slices. Both stay the caller's, who bounds the body and must not change them
// meanwhile. The sample has no pod UIDs, no start time of the node and no kubelet rates, because the format has none; a body without a single
// pod is valid. A line that cannot be parsed is passed over and counted as sample.Malformed, up to a hundred of them; so is, under reasons of its
// own, what is beyond a bound.
//
// The error wraps ErrKubelet, ErrTruncated, ErrSyntax, ErrTooMany or ErrEmpty, or is the context's cause where the context ended; n must not be
// used then. A kubelet ends its response with a gauge that reports whether it failed. After a body with the gauge, a body without it counts as
// truncated at the end of a line, which nothing else would show.
func (d *ResourceDecoder) Decode(ctx context.Context, body []byte, n *sample.Node) error {
	if err := checkLines(body, "lines", maxLines); err != nil {
		return err
	}
	filter := orEverything(d.Filter)
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
	if !d.hasEnd(read.health.seen || read.oldHealth.seen) {
		return fmt.Errorf("%w: the metric resource_scrape_error is missing, which the response before had", ErrTruncated)
	}
	read.fill(n)
	n.FullParse = true
	d.layout = read.finished()
	return nil
}

// hasEnd records whether a body had the gauge at its end. It is false where the gauge is missing although a body before had it.
func (d *ResourceDecoder) hasEnd(gauge bool) bool {
	d.ended = d.ended || gauge
	return gauge || !d.ended
}

// Filter decides which containers are decoded. It is safe for concurrent use.
type Filter interface {
	// Expects is false for a container that the pod's object does not have. It is true where the pod is not known. The time of a call
	// must not depend on the number of pods.
	Expects(namespace, pod, container string) bool
}

// everything is the filter that expects every container.
type everything struct{}

// Expects implements Filter.
func (everything) Expects(string, string, string) bool { return true }

// orEverything returns the filter, or the one that expects every container for nil.
func orEverything(f Filter) Filter {
	if f == nil {
		return everything{}
	}
	return f
}
