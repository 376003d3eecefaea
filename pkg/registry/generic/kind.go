package generic

import (
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/plimsoll/plimsoll/pkg/encode"
)

// Kind is how the usage of one resource is written. O is an object of the cluster, U its usage. All fields are needed, and all
// functions must be safe for concurrent use.
type Kind[O, U any] struct {
	// Name is the kind of one object; that of a list is the same and List.
	Name string
	// Meta returns the metadata of the object with its usage.
	Meta func(O, *U) encode.Meta
	// JSON and Protobuf append the encoded usage, without kind and API version.
	JSON, Protobuf func([]byte, encode.Meta, *U) []byte
	// API converts to the API's own type, in its internal version, and APIList to a list of such.
	API     func(O, *U) runtime.Object
	APIList func(resourceVersion string, items []runtime.Object) runtime.Object
}
