package sample

// Disk is what a kubelet said at one moment of the local disk space in use: ephemeral storage, in the API's words.
//
// A decoder builds it and gives it away: nobody else holds a reference to its slices.
type Disk struct {
	// Node is the node's own file system.
	Node Reading
	// Pods are in the order of the answer; a name may come more than once, for pods of one name that follow each other.
	Pods []PodDisk
	// Rejected counts the readings that the decoder left out, by reason.
	Rejected Rejections
}

// PodDisk is what the kubelet reported for the containers of one pod.
type PodDisk struct {
	Namespace, Name string
	// UID is the kubelet's own: the configuration's hash for a static pod.
	UID string
	// Containers are those whose use is known, never "" or "POD".
	Containers []ContainerDisk
}

// ContainerDisk is what one container has written to its own layer and to its logs.
type ContainerDisk struct {
	Name string
	// Start is when this life began, in Unix nanoseconds; 0 where it is unknown.
	Start int64
	// Bytes is the layer and the logs together.
	Bytes uint64
}
