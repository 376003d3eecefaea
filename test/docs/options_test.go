package docs_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sink"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/test/docs"
)

// languages are the flags with a page that has all their options.
var languages = []struct {
	flag    docs.Flag
	page    string
	title   string
	options []string
}{
	{docs.Source, "docs/sources.md", "| option | value | default | meaning |", source.OptionNames()},
	{docs.Sink, "docs/sinks.md", "| option | value | of | default | meaning |", sink.OptionNames()},
}

// TestOptions compares each page's table of options with the one that the parser reads by, and has each row describe its option.
func TestOptions(t *testing.T) {
	for _, l := range languages {
		t.Run(l.page, func(t *testing.T) {
			var names []string
			for _, row := range tableOfOptions(t, l.page, l.title) {
				names = append(names, strings.Trim(row[0], "`"))
				if len(row) != strings.Count(l.title, "|")-1 || slices.Contains(row, "") {
					t.Errorf("a row that does not have the values, the default and the meaning: %q", row)
				}
			}
			if diff := cmp.Diff(l.options, names); diff != "" {
				t.Errorf("the options, and the table (-options +table):\n%s", diff)
			}
		})
	}
}

func tableOfOptions(t *testing.T, page, title string) [][]string {
	t.Helper()
	rows, err := docs.Table(page, title)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestEachOptionHasAnExample reads the page of each language only.
func TestEachOptionHasAnExample(t *testing.T) {
	for _, l := range languages {
		var text strings.Builder
		for _, example := range examples(t, l.flag) {
			if example.File == l.page && example.Mistake == "" {
				text.WriteString(strings.Join(example.Args, "\n") + "\n")
			}
		}
		for _, name := range l.options {
			if !strings.Contains(text.String(), "?"+name+"=") && !strings.Contains(text.String(), "&"+name+"=") {
				t.Errorf("no example of %s has the option %s", l.page, name)
			}
		}
	}
}
