package encode

import (
	"iter"

	corev1 "k8s.io/api/core/v1"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Meta is the metadata of an object.
type Meta struct {
	// Namespace is empty for a node.
	Namespace, Name, UID string
	// Version is the resource version.
	Version uint64
	// Created is in Unix seconds; 0 where it is unknown.
	Created int64
	// Labels come in the order of their keys; nil where there are none.
	Labels iter.Seq2[string, string]
}

// quantity is a resource and how much of it is used.
type quantity struct {
	resource string
	value    uint64
	unit     sample.Unit
}

// maxQuantities is how many resources there are.
const maxQuantities = 2 + int(sample.ResourceCount)

// quantities appends the resources of some usage, in the order of the keys: CPU comes first, and memory somewhere among the extra resources.
func quantities(to []quantity, cpu, memory uint64, extra usage.Extras) []quantity {
	const memoryKey = string(corev1.ResourceMemory)
	to = append(to, quantity{string(corev1.ResourceCPU), cpu, sample.Billionths})
	i := 0
	for ; i < len(extra) && extra[i].Resource.Info().Key < memoryKey; i++ {
		to = append(to, quantityOf(extra[i]))
	}
	to = append(to, quantity{memoryKey, memory, sample.Bytes})
	for ; i < len(extra); i++ {
		to = append(to, quantityOf(extra[i]))
	}
	return to
}

func quantityOf(x usage.Extra) quantity {
	info := x.Resource.Info()
	return quantity{info.Key, x.Value, info.Unit}
}
