package generic_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/registry/generic"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

func TestResources(t *testing.T) {
	tests := []struct {
		name        string
		cpu, memory uint64
		want        string // empty: not countable
	}{
		{"nanocores and kibibytes", 12_345_678, 4096, `{"cpu":"12345678n","memory":"4Ki"}`},
		{"bytes that are no multiple of a kibibyte", 1, 4097, `{"cpu":"1n","memory":"4097"}`},
		{"a multiple of a core", 2_000_000_000, 1 << 30, `{"cpu":"2","memory":"1Gi"}`},
		{"nothing used", 0, 0, `{"cpu":"0","memory":"0"}`},
		{"the largest", math.MaxInt64, math.MaxInt64, `{"cpu":"9223372036854775807n","memory":"9223372036854775807"}`},
		{"CPU that wrapped around", math.MaxInt64 + 1, 0, ""},
		{"memory that wrapped around", 0, math.MaxUint64, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ok := generic.Countable(tt.cpu, tt.memory, nil)
			if ok != (tt.want != "") {
				t.Fatalf("Countable(%d, %d) gave %t", tt.cpu, tt.memory, ok)
			}
			if !ok {
				return
			}
			got, err := json.Marshal(generic.Resources(tt.cpu, tt.memory, nil))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The text has to travel in the map: without it, each encoding of a quantity allocates.
func TestResourcesCarryTheirText(t *testing.T) {
	list := generic.Resources(12_345_678, 4097, usage.Extras{{Resource: sample.Swap, Value: 4097}, {Resource: sample.CPUPressureSome10s, Value: 5300}})
	for name := range list {
		allocs := testing.AllocsPerRun(100, func() {
			quantity := list[name]
			_ = quantity.Size()
		})
		if allocs != 0 {
			t.Errorf("%s: %v allocations to measure its text, want none", name, allocs)
		}
	}
}
