package bench

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChosen(t *testing.T) {
	tests := []struct {
		name   string
		chosen []string
		round  int
		want   []string
	}{
		{"all", nil, 0, []string{"steady", "calls", "sustain", "age", "hung", "miss", "lists"}},
		{"all, later", nil, 1, []string{"steady", "calls", "sustain"}},
		{"some, in the usual order", []string{"lists", "calls"}, 0, []string{"calls", "lists"}},
		{"some, later", []string{"lists", "calls"}, 2, []string{"calls"}},
		{"none is left later", []string{"miss"}, 1, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, s := range (Options{Steps: tt.chosen}).chosen(tt.round) {
				got = append(got, s.name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}
