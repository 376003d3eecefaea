package app

import (
	"cmp"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/progress"
)

// messages explain, in one sentence each, why the usage of a node or a pod is missing. It implements nodemetrics.Messages and podmetrics.Messages.
type messages struct {
	// startup has the message for the time before the first truthful response.
	*startup
	// collector has why usage could not be collected, and gaps what a successful attempt did not bring: the store has that. A message is empty where there
	// is none.
	collector interface {
		Status(node string) progress.Node
	}
	gaps interface {
		NodeMessage(name string) string
		PodMessage(node, namespace, name string) string
	}
	clock clock.PassiveClock
}

// Node returns the message about a node that exists.
func (m messages) Node(name string) string {
	s := m.collector.Status(name)
	message := cmp.Or(s.Message, m.gaps.NodeMessage(name), cause.UsageExpired.About(progress.Subject(name)))
	return both(both(message, s.Details), m.next(s))
}

// Pod returns the message about a pod that exists and has not ended. Its readers may have no right but to read the pods of one namespace.
func (m messages) Pod(p *cluster.Pod) string {
	switch {
	case p.Node == "":
		return cause.PodNotBound.Message()
	case p.Phase == corev1.PodPending:
		return cause.PodPending.Message()
	case len(p.Idle()) == len(p.Expected):
		return cause.PodNoContainer.Message()
	}
	s := m.collector.Status(p.Node)
	return both(cmp.Or(s.Message, m.gaps.PodMessage(p.Node, p.Namespace, p.Name), cause.UsageExpired.About("the pod")), m.next(s))
}

// maxAwaited is the longest wait that a message has.
const maxAwaited = time.Hour

// next is when there may be usage; empty where that is not known, or the next attempt is under way.
func (m messages) next(s progress.Node) string {
	if wait := s.Next.Sub(m.clock.Now()); wait > 0 && wait < maxAwaited {
		return fmt.Sprintf("the next scrape is due in %s", max(wait.Round(time.Second), time.Second))
	}
	return ""
}
