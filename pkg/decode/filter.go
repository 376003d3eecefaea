package decode

// Filter decides which containers are decoded. It is safe for concurrent use.
type Filter interface {
	// Expects is false for a container that the pod's object does not have. It is true where the pod is not known. The time of a call
	// must not depend on the number of pods.
	Expects(namespace, pod, container string) bool
}

// Everything is the filter that expects every container.
type Everything struct{}

// Expects implements Filter.
func (Everything) Expects(string, string, string) bool { return true }
