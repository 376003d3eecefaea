package generic

import (
	"maps"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/plimsoll/plimsoll/pkg/encode"
)

// ObjectMeta converts metadata to the API's type.
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
	if labels := maps.Collect(m.Labels); len(labels) > 0 {
		meta.Labels = labels
	}
	return meta
}

// ResourceVersion is a resource version as the API writes it. An object has the one with which its usage was published, which the
// store does again where the labels or the node of the object change: so it changes when what is served of the object does.
func ResourceVersion(version uint64) string {
	return strconv.FormatUint(version, 10)
}
