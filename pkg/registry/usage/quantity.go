package usage

import (
	"math"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Resources returns CPU (nanocores) and memory (bytes) in the formats that readers of metrics.k8s.io know: decimal with
// suffix n, and binary with suffix Ki. It is false for a number that a quantity, a signed 64-bit integer, cannot hold.
func Resources(cpu, memory uint64) (corev1.ResourceList, bool) {
	if cpu > math.MaxInt64 || memory > math.MaxInt64 {
		return nil, false
	}
	return corev1.ResourceList{
		corev1.ResourceCPU:    formatted(resource.NewScaledQuantity(int64(cpu), resource.Nano)),
		corev1.ResourceMemory: formatted(resource.NewQuantity(int64(memory), resource.BinarySI)),
	}, true
}

// Swap is the key that kubectl top --show-swap reads. Local disk space has the API's own, corev1.ResourceEphemeralStorage.
const Swap = corev1.ResourceName("swap")

// AddBytes adds the use of something that is counted in bytes to resources. Without a number it adds nothing; it is false where
// a quantity cannot hold the number.
func AddBytes(resources corev1.ResourceList, key corev1.ResourceName, bytes uint64, known bool) bool {
	if known && bytes <= math.MaxInt64 {
		resources[key] = formatted(resource.NewQuantity(int64(bytes), resource.BinarySI))
	}
	return !known || bytes <= math.MaxInt64
}

// formatted returns the quantity with its text in it. A quantity in a map is not addressable and cannot keep the text
// that an encoder makes of it, so each encoding would make it anew, and protobuf twice.
func formatted(q *resource.Quantity) resource.Quantity {
	_ = q.String()
	return *q
}
