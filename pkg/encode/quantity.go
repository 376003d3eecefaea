package encode

import "strconv"

// appendAmount appends a number as a resource.Quantity writes it: in the largest unit in which it is whole. Numbers are below 2^63.
// The format is that of k8s.io/apimachinery/pkg/api/resource: decimal units for CPU, binary ones for bytes from 1024 on.
func appendAmount(b []byte, a amount) []byte {
	switch {
	case a.value == 0:
		return append(b, '0')
	case a.nano:
		return appendScaled(b, a.value, 1000, "n", "u", "m", "", "k", "M", "G")
	case a.value < 1024:
		return appendScaled(b, a.value, 1000, "", "k")
	default:
		return appendScaled(b, a.value, 1024, "", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
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
