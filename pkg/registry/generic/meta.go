package generic

import (
	"maps"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/plimsoll/plimsoll/pkg/encode"
)

// ObjectMeta is the API's type of what an object says of itself.
func ObjectMeta(m encode.Meta) metav1.ObjectMeta {
	meta := metav1.ObjectMeta{
		Name:            m.Name,
		Namespace:       m.Namespace,
		UID:             types.UID(m.UID),
		ResourceVersion: ResourceVersion(m.Version),
	}
	if m.Created != 0 {
		meta.CreationTimestamp = metav1.Unix(m.Created, 0)
	}
	if m.Labels != nil {
		if labels := maps.Collect(m.Labels); len(labels) > 0 {
			meta.Labels = labels
		}
	}
	return meta
}

// ResourceVersion is a generation of the store as the API writes it. An object has the one in which its numbers appeared, so it moves
// when they do and only then.
func ResourceVersion(generation uint64) string {
	return strconv.FormatUint(generation, 10)
}
