package encode_test

import (
	"math"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// lastSecond is that of the year 9999, after which the API has no text for a time.
const lastSecond = 253_402_300_799

// FuzzLikeTheLibrary writes a pod and a node with any names and values.
func FuzzLikeTheLibrary(f *testing.F) {
	f.Add("shop", "web", "app", "web", uint64(12_345_678), uint64(64<<20), int64(1_785_924_000), int64(15e9), uint8(0))
	f.Add("", "n", "", "", uint64(0), uint64(1023), int64(0), int64(0), uint8(7))
	f.Add("é", "a\"b\\", "<&>", "\u2028\x7f\xff", uint64(math.MaxInt64), uint64(1<<60), int64(lastSecond), int64(-1), uint8(3))
	f.Fuzz(func(t *testing.T, namespace, name, key, value string, cpu, bytes uint64, second, window int64, flags uint8) {
		if name == "" {
			name = "n" // Every object has one.
		}
		cpu, bytes = cpu&math.MaxInt64, bytes&math.MaxInt64
		at := time.Unix(1+second&math.MaxInt64%lastSecond, 999_999_999)
		hasDisk, hasSwap := flags&1 != 0, flags&2 != 0
		var labels map[string]string
		if flags&4 == 0 {
			labels = map[string]string{key: value, "app": name}
		}
		o := objectOf(namespace, name, second&math.MaxInt64%lastSecond, labels)
		comparePod(t, o, &usage.Pod{Time: at, Window: time.Duration(window), Containers: []usage.Container{
			{Name: value, CPU: cpu, Memory: bytes, Extra: diskAndSwap(bytes, bytes, hasDisk, hasSwap)},
			{Name: key, CPU: bytes, Memory: cpu, Extra: diskAndSwap(cpu, cpu, hasSwap, hasDisk)},
		}})
		compareNode(t, o, &usage.Node{
			Time: at, Window: time.Duration(window), CPU: cpu, Memory: bytes,
			Extra: diskAndSwap(bytes/1024, bytes/1000, hasDisk, hasSwap),
		})
	})
}
