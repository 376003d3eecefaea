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

// TestRulesLinkEveryScenario wants the table of rules to link to every scenario once, and to no other file.
func TestRulesLinkEveryScenario(t *testing.T) {
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
		t.Errorf("scenarios in testdata and those that docs/rules.md links to (-testdata +linked):\n%s", diff)
	}
}
