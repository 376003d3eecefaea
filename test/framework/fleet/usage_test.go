package fleet

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestUsageIsTheIntegralOfItsRate(t *testing.T) {
	second := int64(time.Second)
	tests := []struct {
		name  string
		steps func(u *usage)
		at    int64
		want  uint64
	}{
		{"at the start", func(*usage) {}, 0, 0},
		{"before the start", func(*usage) {}, -second, 0},
		{"one rate", func(*usage) {}, 10 * second, 2_500_000_000},
		{"one nanosecond", func(u *usage) { u.set(0, level{rate: nano}) }, 1, 1},
		{"two rates", func(u *usage) { u.set(4*second, level{rate: 2 * nano}) }, 6 * second, 5_000_000_000},
		{"at a change", func(u *usage) { u.set(4*second, level{rate: 2 * nano}) }, 4 * second, 1_000_000_000},
		{"before a change", func(u *usage) { u.set(4*second, level{rate: 2 * nano}) }, 2 * second, 500_000_000},
		{"changed twice at once", func(u *usage) {
			u.set(4*second, level{rate: 2 * nano})
			u.set(4*second, level{rate: 0})
		}, 9 * second, 1_000_000_000},
		{"idle in between", func(u *usage) {
			u.set(2*second, level{})
			u.set(8*second, level{rate: nano})
		}, 10 * second, 2_500_000_000},
		{"a clock that went back", func(u *usage) {
			u.set(4*second, level{rate: nano})
			u.set(3*second, level{rate: 2 * nano})
		}, 5 * second, 3_000_000_000},
		{"a new instance", func(u *usage) { u.begin(9*second, level{rate: nano}) }, 10 * second, 1_000_000_000},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var u usage
			u.begin(0, level{rate: nano / 4})
			test.steps(&u)
			if got, _ := u.at(test.at).counter(test.at); got != test.want {
				t.Errorf("counter at %d is %d, want %d", test.at, got, test.want)
			}
		})
	}
}

// TestUsageDoesNotDrift changes the rate a hundred thousand times and compares with arithmetic that has no limits.
func TestUsageDoesNotDrift(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var u usage
	u.begin(0, level{rate: 123_456_789})
	exact, now, rate := new(big.Int), int64(0), int64(123_456_789)
	for range 100_000 {
		step := 1 + random.Int64N(int64(3*time.Second))
		exact.Add(exact, new(big.Int).Mul(big.NewInt(rate), big.NewInt(step)))
		now, rate = now+step, random.Int64N(nano)
		u.set(now, level{rate: uint64(rate)})
	}
	want := new(big.Int).Div(exact, big.NewInt(nano)).Uint64()
	if got, _ := u.at(now).counter(now); got != want {
		t.Errorf("counter is %d, want %d", got, want)
	}
	if len(u.segments) > 200 {
		t.Errorf("%d segments are held, want only those of the last %s", len(u.segments), time.Duration(retention))
	}
}

func TestUsageKeepsThePastThatReadingsNeed(t *testing.T) {
	var u usage
	u.begin(0, level{rate: nano, memory: 1})
	for second := range int64(300) {
		u.set(second*nano, level{rate: nano, memory: uint64(second)})
	}
	for _, ago := range []int64{0, 20, 60, retention / nano} {
		at := 299 - ago
		s := u.at(at * nano)
		cpu, _ := s.counter(at * nano)
		if diff := cmp.Diff([]uint64{uint64(at) * nano, uint64(at)}, []uint64{cpu, s.memory}); diff != "" {
			t.Errorf("%d s ago (-want +got):\n%s", ago, diff)
		}
	}
	if u.began != 0 {
		t.Errorf("the instance began at %d, want 0: forgetting the past is no restart", u.began)
	}
}

func TestUsageKeepsOneSegmentForOneMoment(t *testing.T) {
	var u usage
	u.begin(0, level{})
	for range 10 {
		u.set(nano, level{rate: nano})
	}
	if len(u.segments) != 2 {
		t.Errorf("%d segments are held, want 2", len(u.segments))
	}
}

func TestUsageSaturates(t *testing.T) {
	var u usage
	u.begin(0, level{rate: math.MaxUint64})
	if got, _ := u.at(math.MaxInt64).counter(math.MaxInt64); got != math.MaxUint64 {
		t.Errorf("counter is %d, want the largest", got)
	}
}
