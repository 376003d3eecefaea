package generic

import (
	"math"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Countable is true where a quantity, a signed 64-bit integer, can hold each of the numbers.
func Countable(numbers ...uint64) bool {
	return !slices.ContainsFunc(numbers, func(n uint64) bool { return n > math.MaxInt64 })
}

// Resources returns CPU (nanocores) and memory (bytes), which are countable, in the formats that readers of metrics.k8s.io know:
// decimal with suffix n, and binary with suffix Ki.
func Resources(cpu, memory uint64) corev1.ResourceList {
	return corev1.ResourceList{
		corev1.ResourceCPU:    formatted(resource.NewScaledQuantity(int64(cpu), resource.Nano)),
		corev1.ResourceMemory: formatted(resource.NewQuantity(int64(memory), resource.BinarySI)),
	}
}

// AddBytes adds the use of something that is counted in bytes to resources. Without a number it adds nothing.
func AddBytes(resources corev1.ResourceList, key corev1.ResourceName, bytes uint64, known bool) {
	if known {
		resources[key] = formatted(resource.NewQuantity(int64(bytes), resource.BinarySI))
	}
}

// formatted returns the quantity with its text in it. A quantity in a map is not addressable and cannot keep the text
// that an encoder makes of it, so each encoding would make it anew, and protobuf twice.
func formatted(q *resource.Quantity) resource.Quantity {
	_ = q.String()
	return *q
}
