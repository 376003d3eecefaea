package encode

import (
	"iter"

	corev1 "k8s.io/api/core/v1"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Meta is what an object says of itself beside its numbers.
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

// Swap is the key of the swap space in use, which kubectl top --show-swap reads. Local disk space has the API's own key.
const Swap = "swap"

// amount is a resource and how much of it is used.
type amount struct {
	resource string
	value    uint64
	// nano is true where value counts billionths, false where it counts bytes.
	nano bool
}

// maxAmounts is how many resources there are.
const maxAmounts = 4

// amounts appends what is known of a use, in the order of the keys: cpu, ephemeral-storage, memory, swap.
func amounts(to []amount, cpu, memory, disk, swap uint64, hasDisk, hasSwap bool) []amount {
	to = append(to, amount{string(corev1.ResourceCPU), cpu, true})
	if hasDisk {
		to = append(to, amount{string(corev1.ResourceEphemeralStorage), disk, false})
	}
	to = append(to, amount{string(corev1.ResourceMemory), memory, false})
	if hasSwap {
		to = append(to, amount{Swap, swap, false})
	}
	return to
}

func ofContainer(to []amount, c *usage.Container) []amount {
	return amounts(to, c.CPU, c.Memory, c.Disk, c.Swap, c.HasDisk, c.HasSwap)
}

func ofNode(to []amount, n *usage.Node) []amount {
	return amounts(to, n.CPU, n.Memory, n.Disk, n.Swap, n.HasDisk, n.HasSwap)
}
