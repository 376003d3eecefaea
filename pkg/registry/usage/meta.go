package usage

import (
	"cmp"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ObjectMeta describes the numbers of an object as the object describes itself. The resource version is the generation
// of the store in which the numbers appeared, so it moves when they do and only then. The labels are the object's own
// map, shared and never to be written.
func ObjectMeta(object metav1.Object, generation uint64) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name:              object.GetName(),
		Namespace:         object.GetNamespace(),
		UID:               object.GetUID(),
		ResourceVersion:   ResourceVersion(generation),
		CreationTimestamp: object.GetCreationTimestamp(),
		Labels:            object.GetLabels(),
	}
}

// ResourceVersion is a generation of the store as the API writes it.
func ResourceVersion(generation uint64) string {
	return strconv.FormatUint(generation, 10)
}

// byName orders objects by namespace, then name: the order in which an API server with storage lists them.
func byName[O metav1.Object](a, b O) int {
	return cmp.Or(cmp.Compare(a.GetNamespace(), b.GetNamespace()), cmp.Compare(a.GetName(), b.GetName()))
}
