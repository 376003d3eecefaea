package decode

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestWorkGrowsWithBytes decodes hostile responses of one size, and of four and sixteen times as much, and wants no more work for a byte of
// the large ones. Work that grew with the square would take sixteen times as long for a byte.
func TestWorkGrowsWithBytes(t *testing.T) {
	const (
		least = 150_000
		// slack is by how much a byte may cost more: caches are small, and other processes use them. allowance is what every response may.
		slack     = 4
		allowance = 10 * time.Millisecond
	)
	for _, r := range readers {
		for _, s := range r.shapes {
			t.Run(r.name+"/"+s.name, func(t *testing.T) {
				shapes := map[int][]byte{}
				for _, times := range []int{1, 4, 16} {
					shapes[times] = s.make(times * least)
				}
				// A machine that does other work too is measured again.
				var complaint string
				for range 3 {
					// What a decoder knows already it reads faster, and what is too much to be known it reads as if it were new.
					small := max(workOf(t, r, shapes[1]), workOf(t, r.plain(), shapes[1]))
					if complaint = tooMuch(t, r, shapes, small, slack, allowance); complaint == "" {
						return
					}
				}
				t.Error(complaint)
			})
		}
	}
}

// tooMuch describes which of the larger responses costs more than it may; empty for none.
func tooMuch(t *testing.T, r reader, shapes map[int][]byte, small time.Duration, slack int, allowance time.Duration) string {
	for _, times := range []int{4, 16} {
		got := workOf(t, r, shapes[times])
		if most := time.Duration(slack*times)*small + allowance; got > most {
			return fmt.Sprintf("%d times the bytes took %s and not %s: want at most %s", times, got, small, most)
		}
	}
	return ""
}

// workOf is the CPU time for a response. A decoder with a layout has decoded it before.
func workOf(t testing.TB, r reader, body []byte) time.Duration {
	decode := r.decode(t)
	if r.remembers {
		_ = decode(body)
	}
	return work(t, func() { _ = decode(body) }) // Whether it is used at all is not the point.
}

// work is the time for which a core did it, whatever else the machine does. Nothing is collected meanwhile.
func work(t testing.TB, do func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	before := threadTime(t)
	do()
	return threadTime(t) - before
}

func threadTime(t testing.TB) time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now); err != nil {
		t.Fatal(err)
	}
	return time.Duration(now.Nano())
}

// BenchmarkHostile is the CPU time for the largest responses of hostile kubelets, in milliseconds of one core.
func BenchmarkHostile(b *testing.B) {
	const largest = 32 << 20
	for _, r := range readers {
		for _, s := range r.shapes {
			b.Run(r.name+"/"+s.name, func(b *testing.B) {
				body := s.make(largest)
				for b.Loop() {
					b.ReportMetric(float64(workOf(b, r, body).Microseconds())/1000, "ms/response")
				}
			})
		}
	}
}
