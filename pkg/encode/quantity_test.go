package encode_test

import (
	"math"
	"math/bits"
	"slices"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// turningPoints are the values at which the text of a quantity may take another unit: all products of powers of 1000 and 1024 and of
// what is next to them, as far as a quantity goes.
func turningPoints() []uint64 {
	var points []uint64
	for thousands := uint64(1); thousands <= math.MaxInt64/1000; thousands *= 1000 {
		for power := thousands; ; {
			for _, factor := range []uint64{1, 2, 5, 10, 125, 500, 512, 999, 1000, 1001, 1023, 1024, 1025} {
				if high, low := bits.Mul64(power, factor); high == 0 {
					points = append(points, around(low)...)
				}
			}
			high, low := bits.Mul64(power, 1024)
			if high != 0 || low > math.MaxInt64 {
				break
			}
			power = low
		}
	}
	points = append(points, around(math.MaxInt64)...)
	slices.Sort(points)
	return slices.Compact(points)
}

// around are a number and its neighbours, less those that no quantity can hold.
func around(n uint64) (all []uint64) {
	for _, by := range []uint64{0, 1, 2, 3} {
		for _, m := range []uint64{n - by, n + by} {
			if m <= math.MaxInt64 {
				all = append(all, m)
			}
		}
	}
	return all
}

// TestQuantities writes every number that may be a special case as CPU and as bytes.
func TestQuantities(t *testing.T) {
	o := objectOf("", "n", 0, nil)
	check := func(n uint64) {
		compareNode(t, o, &usage.Node{
			Time: time.Unix(1, 0), Window: 1, CPU: n, Memory: n, Extra: diskAndSwap(n, n, true, true),
		})
	}
	for n := range uint64(3000) {
		check(n)
	}
	points := turningPoints()
	if len(points) < 1000 || points[len(points)-1] != math.MaxInt64 {
		t.Fatalf("only %d points up to %d are tried", len(points), points[len(points)-1])
	}
	for _, n := range points {
		check(n)
	}
}
