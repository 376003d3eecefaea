package decode

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestWorkGrowsWithBytes decodes hostile answers of one size, and of four and sixteen times as much, and wants no more work for a byte of
// the large ones. Work that grew with the square would take sixteen times as long for a byte.
func TestWorkGrowsWithBytes(t *testing.T) {
	const (
		least = 150_000
		// slack is by how much a byte may cost more: caches are small, and other processes use them. allowance is what every answer may.
		slack     = 4
		allowance = 10 * time.Millisecond
	)
	for _, r := range readers {
		for _, s := range r.shapes {
			t.Run(r.name+"/"+s.name, func(t *testing.T) {
				// What a decoder knows already it reads faster, and what is too much to be known it reads as if it were new.
				small := max(leastWork(t, r, s.make(least)), leastWork(t, r.plain(), s.make(least)))
				for _, times := range []int{4, 16} {
					got := leastWork(t, r, s.make(times*least))
					if most := time.Duration(slack*times)*small + allowance; got > most {
						t.Errorf("%d times the bytes took %s and not %s: want at most %s", times, got, small, most)
					}
				}
			})
		}
	}
}

// leastWork is the time that a core works on an answer, at best.
func leastWork(t testing.TB, r reader, body []byte) time.Duration {
	decode, least := r.decode(t), time.Duration(1<<62)
	for range 2 {
		least = min(least, work(t, func() { _ = decode(body) })) // Whether it is used at all is not the point.
	}
	return least
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

// BenchmarkHostile is the work that the largest answers of hostile kubelets make, in milliseconds of one core.
func BenchmarkHostile(b *testing.B) {
	const largest = 32 << 20
	for _, r := range readers {
		for _, s := range r.shapes {
			b.Run(r.name+"/"+s.name, func(b *testing.B) {
				body := s.make(largest)
				for b.Loop() {
					b.ReportMetric(float64(leastWork(b, r, body).Microseconds())/1000, "ms/answer")
				}
			})
		}
	}
}
