package docs_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/test/docs"
)

const (
	sources      = "docs/sources.md"
	optionsTitle = "| option | value | default | meaning |"
)

// TestOptions compares the page's table of options with the one that the parser reads by, and has each row describe its option.
func TestOptions(t *testing.T) {
	var names []string
	for _, row := range tableOfOptions(t) {
		names = append(names, strings.Trim(row[0], "`"))
		if len(row) != 4 || slices.Contains(row, "") {
			t.Errorf("a row that does not have the values, the default and the meaning: %q", row)
		}
	}
	if diff := cmp.Diff(source.OptionNames(), names); diff != "" {
		t.Errorf("the options, and the table in %s (-options +table):\n%s", sources, diff)
	}
}

func tableOfOptions(t *testing.T) (rows [][]string) {
	t.Helper()
	text, err := docs.Page(sources)
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(text, optionsTitle+"\n|---|---|---|---|\n")
	if !found {
		t.Fatalf("%s has no table with the head %s", sources, optionsTitle)
	}
	table, _, _ = strings.Cut(table, "\n\n")
	for row := range strings.Lines(table) {
		rows = append(rows, strings.Split(strings.Trim(strings.TrimSpace(row), "| "), " | "))
	}
	return rows
}

// TestEachOptionHasAnExample reads the page of the language only.
func TestEachOptionHasAnExample(t *testing.T) {
	var text strings.Builder
	for _, example := range examples(t) {
		if example.File == sources && example.Mistake == "" {
			text.WriteString(strings.Join(example.Args, "\n") + "\n")
		}
	}
	for _, name := range source.OptionNames() {
		if !strings.Contains(text.String(), "?"+name+"=") && !strings.Contains(text.String(), "&"+name+"=") {
			t.Errorf("no example has the option %s", name)
		}
	}
}
