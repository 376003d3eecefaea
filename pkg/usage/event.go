package usage

// EventType is what became of the usage of an object.
type EventType uint8

const (
	// Published is usage that is served from now on, in place of what was served before.
	Published EventType = iota
	// Expired is usage that is no longer served: it is too old, or the newest scrape contradicts it. The object may be published again.
	Expired
	// Deleted is usage that is no longer served because the object is gone, or its node.
	Deleted
)

// Key names one object. Two objects of one name, one after the other, differ in the UID, and their events may overlap where they are on
// two nodes: an event about one UID says nothing about the other.
type Key struct {
	// Namespace is empty for a node.
	Namespace, Name string
	// UID is that of the API object; empty for a node whose UID is not known.
	UID string
}

// Event is one change of what is served. It is immutable and shared. Of one object, the events come in the order of the changes; of all
// objects, in the order of the resource versions.
type Event struct {
	Type EventType
	Key  Key
	// ResourceVersion is that of the change; where the type is Published, it is that of the usage.
	ResourceVersion uint64
	// Node or Pod is the usage of what the key names; both are nil unless the type is Published.
	Node *Node
	Pod  *Pod
	// Accepted are the readings that the usage was computed from: one for a node, and those of a pod's containers in the order of
	// Pod.Containers. It is nil unless the type is Published.
	Accepted []Accepted
}

// Accepted are the readings of one container instance, or of a node. All times are those of the kubelet, in Unix nanoseconds. Of a
// container that waits to be started again, it is the zero value.
type Accepted struct {
	// Start is when the instance started; 0 where that is not known.
	Start int64
	// CPU is the time used since the start in nanoseconds, as it was at CPUTime; that is 0 where the kubelet reports a rate and no counter.
	CPU     uint64
	CPUTime int64
	// Memory is the working set in bytes, as it was at MemoryTime.
	Memory     uint64
	MemoryTime int64
}
