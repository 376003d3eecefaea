package decode

import (
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

const (
	// maxMultiple and maxConstant are how much decoding a response may allocate in all: bytes for each byte of it, and bytes in addition.
	maxMultiple = 4
	maxConstant = 12 << 20
)

// TestMemoryFollowsFromBytes decodes responses of hostile kubelets, and of real ones. What it counts is more than there is at a time:
// with the garbage collector at work a part of it would be gone before the end.
func TestMemoryFollowsFromBytes(t *testing.T) {
	for _, r := range readers {
		for _, s := range append(realShapes(t, r.name), r.shapes...) {
			t.Run(r.name+"/"+s.name, func(t *testing.T) {
				decode := r.decode(t)
				for _, size := range []int{100, 500_000, 2_500_000, 7_500_000} {
					body := s.make(size)
					if r.remembers {
						_ = decode(body)
					}
					got := allocated(func() { _ = decode(body) }) // Whether it is used at all is not the point.
					if most := uint64(maxMultiple*len(body) + maxConstant); got > most {
						t.Errorf("%d bytes were allocated for a response of %d, want at most %d", got, len(body), most)
					}
				}
			})
		}
	}
}

func allocated(do func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// realShapes are responses of kubelets, whatever size is requested.
func realShapes(t *testing.T, reader string) (shapes []shape) {
	pattern := "*.json"
	if strings.HasPrefix(reader, "Resource") {
		pattern = "*.prom"
	}
	for _, path := range fixtures(t, pattern) {
		body := read(t, path)
		shapes = append(shapes, shape{path, func(int) []byte { return body }})
	}
	return shapes
}
