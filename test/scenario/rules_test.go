package scenario

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var link = regexp.MustCompile(`\]\(\.\./test/scenario/(testdata/[^)]+)\)`)

// TestRulesAndScenariosBelongTogether has the table of rules name every scenario once, and no other.
func TestRulesAndScenariosBelongTogether(t *testing.T) {
	table, err := os.ReadFile("../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	var linked []string
	for _, match := range link.FindAllSubmatch(table, -1) {
		linked = append(linked, string(match[1]))
	}
	slices.Sort(linked)
	files, err := filepath.Glob("testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(files, linked); diff != "" {
		t.Errorf("scenarios that are there and those that docs/rules.md links to (-there +linked):\n%s", diff)
	}
}
