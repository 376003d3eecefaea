package docs_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// TestEachRejectionHasARow compares the reasons of rejected readings with their table, in order.
func TestEachRejectionHasARow(t *testing.T) {
	var want, got []string
	for r := sample.NotRejected + 1; r.String() != "unknown"; r++ {
		want = append(want, "`"+r.String()+"`")
	}
	for _, row := range tableOfOptions(t, "docs/metrics.md", "| reason | the reading |") {
		got = append(got, row[0])
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
		t.Errorf("rejections, and the table (-rejections +table):\n%s", diff)
	}
}
