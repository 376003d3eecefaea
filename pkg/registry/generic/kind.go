package generic

import (
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/plimsoll/plimsoll/pkg/encode"
)

// Kind is what the numbers of one resource look like. O is an object of the cluster, U its numbers. All fields are needed, and all
// functions must be safe for concurrent use.
type Kind[O, U any] struct {
	// Name is the kind of one object; that of a list is the same and List.
	Name string
	// Meta describes the numbers as the object describes itself.
	Meta func(O, *U) encode.Meta
	// JSON and Protobuf append the text of the numbers, without kind and API version.
	JSON, Protobuf func([]byte, encode.Meta, *U) []byte
	// API makes the API's own type, in its internal version, and APIList a list of such.
	API     func(O, *U) runtime.Object
	APIList func(resourceVersion string, items []runtime.Object) runtime.Object
}
