package decode

import (
	"context"
	"fmt"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// SummaryDecoder decodes the body of a kubelet's /stats/summary, in full or with only_cpu_and_memory, in the JSON of
// k8s.io/kubelet/pkg/apis/stats/v1alpha1. It remembers nothing: it is safe for concurrent use where its filter is.
type SummaryDecoder struct {
	// Filter decides which containers are left out; nil for none.
	Filter Filter
	// Extra are the extra resources to read, as far as the body has them.
	Extra sample.ResourceSet
	// OnlyExtra leaves CPU and memory to another request: their readings are not made, and not rejected either. A body that has none of the
	// extra resources is then an error, which wraps ErrNoExtra.
	OnlyExtra bool
	// Details has the details read, of the node, its pods and their containers. A body that has them has extra resources.
	Details bool
}

// Decode makes n a sample of the body. Both stay the caller's, who bounds the body and must not change them meanwhile. A pod without containers is
// in the sample, because kubelets report such pods. Times are whole seconds, because kubelets write them so. A field of the wrong type is left out
// alone, and counted; so is what is beyond a bound.
//
// The error wraps ErrTruncated, ErrSyntax, ErrTooMany, ErrEmpty or ErrNoExtra, or is the context's cause where the context ended; n must not be
// used then. It is never ErrKubelet: a kubelet whose collection fails responds with another HTTP status.
func (d SummaryDecoder) Decode(ctx context.Context, body []byte, n *sample.Node) error {
	s := summaryReader{filter: d.Filter, node: newStatistics(nodeFields), list: newPodList(), pod: newPodReader()}
	of := selection{d.Extra, d.OnlyExtra, d.Details}
	rejected, err := readJSON(ctx, body, of, s.member)
	if err != nil {
		return err
	}
	*n = sample.Node{Rejected: rejected, Pods: s.list.pods, Unexpected: s.unexpected}
	n.Usage = s.node.usage(of, &n.Rejected)
	if details, ok := s.node.details(&n.Rejected); of.details && ok {
		n.Details = &details
	}
	if !s.named && countReadings(n.Usage) == 0 && !s.listed {
		return fmt.Errorf("%w: it begins %q", ErrEmpty, beginning(body))
	}
	if d.OnlyExtra && len(n.Extra) == 0 && n.Details == nil && !s.pod.foundExtra && n.Rejected.Total() == 0 {
		return ErrNoExtra
	}
	return nil
}

// summaryReader is what has been read of one summary.
type summaryReader struct {
	// filter is nil where every container is expected.
	filter Filter
	node   statistics
	// named is true where the node has a name, listed where there is a pod, whatever it is.
	named, listed bool
	list          podList
	// unexpected counts the containers that the filter left out.
	unexpected int
	// pod and text are what is read at the moment.
	pod  podReader
	text []byte
}

// member reads a member of the outermost object.
func (s *summaryReader) member(r *jsonReader, name []byte) error {
	switch {
	case is(name, "node"):
		return r.object(s.memberOfNode)
	case is(name, "pods"):
		// Of two lists the last is meant.
		s.list.reset()
		s.listed, s.unexpected = false, 0
		return r.list(s.element)
	}
	return r.SkipValue()
}

func (s *summaryReader) memberOfNode(r *jsonReader, name []byte) (err error) {
	if is(name, "nodeName") {
		s.text, err = r.text(s.text, maxPodName)
		s.named = s.named || len(s.text) > 0
		return err
	}
	return s.node.member(r, name)
}

// element reads a pod and keeps it.
func (s *summaryReader) element(r *jsonReader) error {
	if r.ctx.Err() != nil {
		return context.Cause(r.ctx)
	}
	s.listed = true
	s.pod.reset()
	if err := r.object(s.pod.member); err != nil {
		return err
	}
	s.pod.readOwn(r.selection)
	s.unexpected += s.pod.removeUnexpected(s.filter)
	s.list.put(&s.pod, &r.rejected)
	return nil
}
