package decode

// Filter knows which containers are of use. It is safe for concurrent use.
type Filter interface {
	// Expects is false for a container that the pod's object does not have. It is true where the pod is not known. It must answer in a
	// time that does not depend on the number of pods.
	Expects(namespace, pod, container string) bool
}

// Everything is the filter that lets every container pass.
type Everything struct{}

// Expects implements Filter.
func (Everything) Expects(string, string, string) bool { return true }
