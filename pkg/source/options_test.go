package source_test

import (
	"slices"
	"testing"

	"github.com/plimsoll/plimsoll/pkg/source"
)

// TestOptionNames pins that there is no option twice, and how many there are.
func TestOptionNames(t *testing.T) {
	names := slices.Sorted(slices.Values(source.OptionNames()))
	if len(slices.Compact(names)) != 38 {
		t.Errorf("options %q, want 38", names)
	}
}
