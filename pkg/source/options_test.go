package source_test

import (
	"testing"

	"github.com/plimsoll/plimsoll/pkg/source"
)

// TestOptions pins that each option is described, and known to the parser.
func TestOptions(t *testing.T) {
	seen := make(map[string]bool)
	for _, o := range source.Options() {
		t.Run(o.Name, func(t *testing.T) {
			if o.Name == "" || o.Values == "" || o.Default == "" || o.Meaning == "" || seen[o.Name] {
				t.Errorf("not described, or twice: %+v", o)
			}
			seen[o.Name] = true
		})
	}
	if len(seen) != 18 {
		t.Errorf("%d options, want 18", len(seen))
	}
}
