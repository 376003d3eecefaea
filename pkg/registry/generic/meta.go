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

// ResourceVersion is a resource version as the API writes it. An object has the one with which its usage was published, so it changes
// when the usage does and only then.
func ResourceVersion(version uint64) string {
	return strconv.FormatUint(version, 10)
}
