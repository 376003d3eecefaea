package store

import (
	"time"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Objects are the API objects of the cluster, as far as the store needs them. They must be safe for concurrent use.
type Objects interface {
	// Pod returns what the object of a pod declares; false where there is no such pod.
	Pod(namespace, name string) (Expected, bool)
	// Node returns the UID of a node's object, and the cell of the node; false where there is no such node.
	Node(name string) (uid string, cell *usage.NodeCell, ok bool)
}

// Expected is what the object of a pod declares of the usage that it should have.
type Expected struct {
	// Node is where the pod is bound to.
	Node string
	// UID is the object's.
	UID string
	// Created is when the object was made, by the API server's clock in Unix nanoseconds.
	Created int64
	// Static is true where the kubelet knows the pod under another UID, and may have started it before there was an object.
	Static bool
	// Containers are the names of those that should have usage, and Idle those of them that wait to be started again and
	// use nothing meanwhile, in the same order. Both are shared and never changed.
	Containers, Idle []string
	// Awaited are the names of those that have not started yet, as far as the pod's status says: their readings are kept, since the
	// status may be late, and not served. It is shared and never changed.
	Awaited []string
	// Started is when the running instance of each container started, parallel to Containers, in Unix seconds by the node's clock as the
	// pod's status has it; 0 where the status does not say. Nil where it says nothing of any container.
	Started []int64
	// Usage is where the usage of the pod is published.
	Usage *usage.PodCell
}

// started is when the running instance of a container started, in Unix nanoseconds by the pod's status; 0 where that is not known. The
// container is given by its index in Containers, or -1.
func (e *Expected) started(at int) int64 {
	if at < 0 || at >= len(e.Started) {
		return 0
	}
	return e.Started[at] * int64(time.Second)
}
