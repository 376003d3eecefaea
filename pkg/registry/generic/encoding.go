package generic

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/plimsoll/plimsoll/pkg/encode"
)

// Encoding is how the usage of one resource is written. O is an object of the cluster, U its usage. All fields are needed, and all
// functions must be safe for concurrent use.
type Encoding[O, U any] struct {
	// Name is the kind of one object; that of a list is the same and List.
	Name string
	// Meta returns the metadata of the object with its usage.
	Meta func(O, *U) encode.Meta
	// JSON and Protobuf append the encoded usage, without kind and API version.
	JSON, Protobuf func([]byte, encode.Meta, *U) []byte
	// New returns an empty object of the API's own type, in its internal version, and API one with the usage.
	New func() runtime.Object
	API func(O, *U) runtime.Object
	// NewList returns an empty list of the API's own type.
	NewList func(metav1.ListMeta) runtime.Object
}
