package bench

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMedian(t *testing.T) {
	of := func(values ...map[Figure]float64) (rounds []*Result) {
		for _, round := range values {
			r := NewResult("plimsoll")
			for f, value := range round {
				r.Set(f, value)
			}
			rounds = append(rounds, r)
		}
		return rounds
	}
	tests := []struct {
		name   string
		rounds []*Result
		want   map[Figure]float64
	}{
		{"one", of(map[Figure]float64{Peak: 7}), map[Figure]float64{Peak: 7}},
		{"two", of(map[Figure]float64{Peak: 9}, map[Figure]float64{Peak: 7}), map[Figure]float64{Peak: 7}},
		{"three", of(map[Figure]float64{Peak: 9}, map[Figure]float64{Peak: 7}, map[Figure]float64{Peak: 8}), map[Figure]float64{Peak: 8}},
		{"a figure that failed once", of(map[Figure]float64{Peak: 1}, map[Figure]float64{Peak: 2, Resident: 3}),
			map[Figure]float64{Peak: 1, Resident: 3}},
		{"nothing", of(nil, nil), map[Figure]float64{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := median(tt.rounds)
			if diff := cmp.Diff(tt.want, got.values); diff != "" {
				t.Error(diff)
			}
			if len(got.Figures) != len(tt.want) || got.Server != "plimsoll" {
				t.Errorf("%d figures of %q", len(got.Figures), got.Server)
			}
		})
	}
}
