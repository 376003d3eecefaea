package scenario

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rule parts the commands of a block from what they print.
const rule = "----\n"

// file is one scenario.
type file struct {
	path   string
	blocks []block
	// got is what each block printed this time, one entry a block that was played.
	got []string
}

// block is a few commands and what they print together.
type block struct {
	// source is the block as written, down to the rule.
	source   string
	commands []command
	want     string
}

// command is one line, and the indented lines that follow it.
type command struct {
	line string
	body []string
}

func readFile(t *testing.T, path string) *file {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return parse(path, string(text))
}

func parse(path, text string) *file {
	f := &file{path: path}
	for part := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		source, want, _ := strings.Cut(strings.Trim(part, "\n")+"\n", rule)
		f.blocks = append(f.blocks, block{source: source, commands: commands(source), want: want})
	}
	return f
}

func commands(source string) []command {
	var all []command
	for line := range strings.Lines(source) {
		line = strings.TrimSuffix(line, "\n")
		body, indented := strings.CutPrefix(line, "  ")
		switch {
		case strings.HasPrefix(line, "#"):
		case indented && len(all) > 0:
			last := &all[len(all)-1]
			last.body = append(last.body, body)
		default:
			all = append(all, command{line: line})
		}
	}
	return all
}

// wants is true where the file is to be run with an endpoint.
func (f *file) wants(endpoint string) bool {
	for _, b := range f.blocks {
		for _, c := range b.commands {
			if only, ok := strings.CutPrefix(c.line, "endpoint "); ok {
				return only == endpoint
			}
		}
	}
	return true
}

// String is the text of the file.
func (f *file) String() string {
	wanted := make([]string, len(f.blocks))
	for i, b := range f.blocks {
		wanted[i] = b.want
	}
	return f.with(wanted)
}

// played is the file with the new output of its blocks.
func (f *file) played() string { return f.with(f.got) }

func (f *file) with(printed []string) string {
	parts := make([]string, len(f.blocks))
	for i, b := range f.blocks {
		parts[i] = b.source
		if printed[i] != "" {
			parts[i] += rule + printed[i]
		}
	}
	return strings.Join(parts, "\n")
}

func TestParse(t *testing.T) {
	const text = "# what\n# why\n\nscrape n1\n  node cpu=1\n  # kept\nget nodes\n----\nn1\nn2\n\nclock +1s\n"
	f := parse("", text)
	if diff := cmp.Diff(text, f.String()); diff != "" {
		t.Errorf("written as it was read (-want +got):\n%s", diff)
	}
	var got []command
	for _, b := range f.blocks {
		got = slices.Concat(got, b.commands)
	}
	want := []command{{"scrape n1", []string{"node cpu=1", "# kept"}}, {"get nodes", nil}, {"clock +1s", nil}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(command{})); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
	f.got = []string{"", "n1\n", "done\n"}
	if got := f.played(); !strings.HasSuffix(got, "get nodes\n----\nn1\n\nclock +1s\n----\ndone\n") {
		t.Errorf("with other output the file is\n%s", got)
	}
}
