package decode

import (
	"bytes"
	"fmt"
)

// Bounds on what an answer may hold. They are several times what a node with 500 pods reports, and keep a small body that is
// all elements from becoming gigabytes of samples.
const (
	maxSeries  = 100_000
	maxObjects = 200_000
	maxValues  = 1_500_000
)

// checkSeries bounds the wanted lines of a body in the text format.
func checkSeries(lines []byte) error {
	if n := bytes.Count(lines, []byte("\n")); n > maxSeries {
		return fmt.Errorf("%w: it has %d series, no kubelet more than %d", ErrSyntax, n, maxSeries)
	}
	return nil
}

// checkObjects bounds a body in JSON. What it counts may stand inside strings too: the bounds leave room for that.
func checkObjects(body []byte) error {
	objects, values := bytes.Count(body, []byte("{")), bytes.Count(body, []byte(","))
	if objects > maxObjects || values > maxValues {
		return fmt.Errorf("%w: it has %d objects and %d values, no kubelet more than %d and %d",
			ErrSyntax, objects, values, maxObjects, maxValues)
	}
	return nil
}
