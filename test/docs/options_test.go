package docs_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/test/docs"
)

const (
	sources      = "docs/sources.md"
	optionsTitle = "| option | takes | default | meaning |"
)

// TestOptions compares the page's table of options with the one that the parser reads by.
func TestOptions(t *testing.T) {
	if diff := cmp.Diff(source.Options(), tableOfOptions(t)); diff != "" {
		t.Errorf("the options, and the table in %s (-options +table):\n%s", sources, diff)
	}
}

func tableOfOptions(t *testing.T) (options []source.Option) {
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
		row = strings.Trim(strings.ReplaceAll(strings.TrimSpace(row), "`", ""), "| ")
		cells := strings.Split(row, " | ")
		if len(cells) != 4 {
			t.Fatalf("a row of %d cells: %s", len(cells), row)
		}
		options = append(options, source.Option{Name: cells[0], Values: cells[1], Default: cells[2], Meaning: cells[3]})
	}
	return options
}

// TestEachOptionHasAnExample reads the page of the language only.
func TestEachOptionHasAnExample(t *testing.T) {
	var text strings.Builder
	for _, example := range examples(t) {
		if example.File == sources && example.Mistake == "" {
			text.WriteString(strings.Join(example.Args, "\n") + "\n")
		}
	}
	for _, o := range source.Options() {
		if !strings.Contains(text.String(), "?"+o.Name+"=") && !strings.Contains(text.String(), "&"+o.Name+"=") {
			t.Errorf("no example has the option %s", o.Name)
		}
	}
}
