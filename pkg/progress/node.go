package progress

import (
	"time"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/sample"
)

// Node is how the collection of one node's usage goes at one moment. Texts are empty and times are zero where there is none.
type Node struct {
	// Source is the source that the node belongs to, without secrets, and Address where its kubelet or engine is reached.
	Source, Address string
	// Cause is why the newest attempt brought no usage, or why there was no attempt; cause.None where it brought usage.
	Cause cause.Cause
	// Message explains the cause in one sentence, without a full stop. It names no address: readers of one namespace see it. Details are what it
	// leaves out, for readers of nodes.
	Message, Details string
	// Error is the error with which the newest attempt ended, with addresses. Its length is bounded.
	Error string
	// LastSuccess is when an attempt last brought usage, FailingSince since when attempts fail for the cause, and Next when the next one is due.
	LastSuccess, FailingSince, Next time.Time
	// Rejected are the readings that were rejected since the node is known.
	Rejected sample.Rejections
}

// Unknown is a node that the collector does not have.
func Unknown(name string) Node {
	return Node{Cause: cause.NodeNotSelected, Message: cause.NodeNotSelected.About(Subject(name))}
}

// Subject is the name of a node in a message.
func Subject(name string) string { return `node "` + name + `"` }
