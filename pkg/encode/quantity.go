package encode

import (
	"strconv"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// appendQuantity appends a number as a resource.Quantity writes it: in the largest unit in which it is whole. Numbers are below 2^63.
// The format is that of k8s.io/apimachinery/pkg/api/resource: decimal units for CPU, binary ones for bytes from 1024 on.
func appendQuantity(b []byte, q quantity) []byte {
	switch {
	case q.value == 0:
		return append(b, '0')
	case q.unit == sample.Billionths:
		return appendScaled(b, q.value, 1000, "n", "u", "m", "", "k", "M", "G")
	case q.unit == sample.Millionths:
		return appendScaled(b, q.value, 1000, "u", "m", "", "k", "M", "G", "T")
	case q.value < 1024:
		return appendScaled(b, q.value, 1000, "", "k")
	default:
		return appendScaled(b, q.value, 1024, "", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
	}
}

func appendScaled(b []byte, value, step uint64, units ...string) []byte {
	unit := 0
	for value%step == 0 && unit < len(units)-1 {
		value /= step
		unit++
	}
	return append(strconv.AppendUint(b, value, 10), units[unit]...)
}
