package fleet

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRhythmSpacing(t *testing.T) {
	tests := []struct {
		name        string
		rhythm      func(uint64) rhythm
		least, most time.Duration
	}{
		{"containers", containerRhythm, 10 * time.Second, 20 * time.Second},
		{"nodes", nodeRhythm, 9 * time.Second, 11 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			spread := map[int64]bool{}
			for seed := range uint64(50) {
				r := test.rhythm(mix(seed))
				spread[r.latest(epoch.UnixNano())/nano] = true
				previous := r.latest(epoch.UnixNano())
				for range 200 {
					next := previous
					for now := previous; next == previous; now += int64(time.Second) / 4 {
						next = r.latest(now)
						if next > now {
							t.Fatalf("reading at %d was made in the future of %d", next, now)
						}
					}
					if gap := time.Duration(next - previous); gap <= test.least || gap >= test.most {
						t.Fatalf("readings are %s apart, want between %s and %s", gap, test.least, test.most)
					}
					if again := r.latest(next - 1); again != previous {
						t.Fatalf("the reading before %d is %d, want %d", next, again, previous)
					}
					previous = next
				}
			}
			if len(spread) < 5 {
				t.Errorf("50 seeds read in only %d different seconds", len(spread))
			}
		})
	}
}

func TestRead(t *testing.T) {
	r := containerRhythm(7)
	first := r.latest(epoch.UnixNano())
	second := r.latest(first + int64(20*time.Second))
	began := first - int64(4*time.Second)
	tests := []struct {
		name     string
		readings Readings
		now      int64
		want     cgroupReading
	}{
		{"on demand", OnDemand, second, cgroupReading{time: second, cpu: uint64(second-began) / 2, rate: nano / 2, memory: 64, rated: true}},
		{"on demand at the start", OnDemand, began, cgroupReading{time: began, memory: 64}},
		{"on demand, young", OnDemand, began + nano, cgroupReading{time: began + nano, cpu: nano / 2, rate: nano / 2, memory: 64, rated: true}},
		{"housekeeping, not read yet", Housekeeping, first - 1, cgroupReading{time: first - 1, cpu: uint64(first-1-began) / 2, memory: 64}},
		{"housekeeping, first reading", Housekeeping, first + nano, cgroupReading{time: first, cpu: uint64(first-began) / 2, memory: 64, rated: true}},
		{"housekeeping, before the second", Housekeeping, second - 1, cgroupReading{time: first, cpu: uint64(first-began) / 2, memory: 64, rated: true}},
		{"housekeeping, second reading", Housekeeping, second, cgroupReading{time: second, cpu: uint64(second-began) / 2, rate: nano / 2, memory: 64, rated: true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var u usage
			u.begin(began, level{rate: nano / 2, memory: 64})
			got := u.read(r, test.readings, test.now)
			if near := int64(got.rate) - int64(test.want.rate); near*near <= 1 {
				got.rate = test.want.rate // Counters are whole nanoseconds.
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(cgroupReading{})); diff != "" {
				t.Errorf("reading (-want +got):\n%s", diff)
			}
		})
	}
}

// TestReadSeesThePast changes the rate between a reading and the request that gets it.
func TestReadSeesThePast(t *testing.T) {
	r := containerRhythm(7)
	at := r.latest(epoch.UnixNano())
	var u usage
	u.begin(at-int64(time.Minute), level{rate: nano, memory: 1})
	u.set(at+1, level{rate: 0, memory: 2})
	got := u.read(r, Housekeeping, at+nano)
	if diff := cmp.Diff(cgroupReading{time: at, cpu: 60 * nano, rate: nano, memory: 1, rated: true}, got, cmp.AllowUnexported(cgroupReading{})); diff != "" {
		t.Errorf("reading (-want +got):\n%s", diff)
	}
}

func TestReadingsString(t *testing.T) {
	got := []string{OnDemand.String(), Housekeeping.String(), Readings(9).String()}
	if diff := cmp.Diff([]string{"on demand", "housekeeping", "unknown"}, got); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}
