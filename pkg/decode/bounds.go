package decode

import (
	"bytes"
	"fmt"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// Bounds on what a body may hold. Those that count are several times what a kubelet with 2,500 pods reports, the most that is
// supported anywhere. They are checked before anything is built, so that a small body that is all elements does not become gigabytes.
const (
	// maxLines, maxSeries, maxObjects and maxValues end the decoding of the whole body.
	maxLines   = 200_000
	maxSeries  = 50_000
	maxObjects = 200_000
	maxValues  = 1_500_000

	// What is beyond these is left out and counted as sample.TooMany.
	maxPods       = 4096
	maxContainers = 8192
	maxPerPod     = 1024
	// maxUnexpected is how many containers are remembered that the pods' objects do not expect.
	maxUnexpected = 1024
	maxLabels     = 32
	// maxRepeats is how many more readings of one kind a container may have, as pods of one name that follow each other bring.
	maxRepeats = 8

	// What is longer than these, in bytes, is left out and counted as sample.TooLong. The names are bounded as in Kubernetes.
	maxNamespace     = 63
	maxPodName       = 253
	maxContainerName = 63
	maxUID           = 128
	maxLine          = 4 << 10
	// maxScalar bounds a number or a time in JSON.
	maxScalar = 64
)

// checkLines bounds the lines of a text, which are called what.
func checkLines(text []byte, what string, most int) error {
	if len(text) <= most {
		return nil // It has as many bytes at least.
	}
	if n := bytes.Count(text, []byte("\n")); n > most {
		return fmt.Errorf("%w: it has %d %s, no kubelet more than %d", ErrTooMany, n, what, most)
	}
	return nil
}

// checkObjects bounds a body in JSON. What it counts may stand inside strings too: the bounds allow for that.
func checkObjects(body []byte) error {
	objects, values := bytes.Count(body, []byte("{")), bytes.Count(body, []byte(","))
	if objects > maxObjects || values > maxValues {
		return fmt.Errorf("%w: it has %d objects and %d values, no kubelet more than %d and %d",
			ErrTooMany, objects, values, maxObjects, maxValues)
	}
	return nil
}

// checkPodName is sample.NotRejected for names that a pod of Kubernetes can have.
func checkPodName(namespace, name []byte) sample.Rejection {
	switch {
	case len(namespace) == 0 || len(name) == 0:
		return sample.Malformed
	case len(namespace) > maxNamespace || len(name) > maxPodName:
		return sample.TooLong
	}
	return sample.NotRejected
}
