package generic

import (
	"math"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Countable is true where a quantity, a signed 64-bit integer, can hold each of the values.
func Countable(cpu, memory uint64, extra usage.Extras) bool {
	return cpu <= math.MaxInt64 && memory <= math.MaxInt64 &&
		!slices.ContainsFunc(extra, func(x usage.Extra) bool { return x.Value > math.MaxInt64 })
}

// Resources returns CPU (nanocores), memory (bytes) and extra resources, which are countable, in the formats that readers of
// metrics.k8s.io know: decimal with suffix n, binary with suffix Ki, and decimal with suffix u for a share.
func Resources(cpu, memory uint64, extra usage.Extras) corev1.ResourceList {
	list := corev1.ResourceList{
		corev1.ResourceCPU:    formatted(resource.NewScaledQuantity(int64(cpu), resource.Nano)),
		corev1.ResourceMemory: formatted(resource.NewQuantity(int64(memory), resource.BinarySI)),
	}
	for _, x := range extra {
		row := x.Resource.Info()
		q := resource.NewQuantity(int64(x.Value), resource.BinarySI)
		switch row.Unit {
		case sample.Millionths:
			q = resource.NewScaledQuantity(int64(x.Value), resource.Micro)
		case sample.Billionths:
			q = resource.NewScaledQuantity(int64(x.Value), resource.Nano)
		}
		list[corev1.ResourceName(row.Key)] = formatted(q)
	}
	return list
}

// formatted returns the quantity with its text in it. A quantity in a map is not addressable and cannot keep the text
// that an encoder makes of it, so each encoding would make it anew, and protobuf twice.
func formatted(q *resource.Quantity) resource.Quantity {
	_ = q.String()
	return *q
}
