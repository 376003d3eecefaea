package docs

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRead(t *testing.T) {
	for _, tt := range []struct {
		name, info, lines string
		want              Example
	}{
		{"flags", "text", "--source=kubernetes\n--source=kubernetes?cluster=west", Example{Args: []string{"--source=kubernetes", "--source=kubernetes?cluster=west"}}},
		{"a variable", "text", "A_B=1\n--source=kubernetes:$A_B", Example{Env: []string{"A_B=1"}, Args: []string{"--source=kubernetes:$A_B"}}},
		{"a mistake", "text mistake", "--source=x\n--source \"x\": no", Example{Args: []string{"--source=x"}, Mistake: `--source "x": no`}},
		{"a patch", "yaml", "- op: add\n  value: --source=kubernetes", Example{Args: []string{"--source=kubernetes"}}},
		{"a list", "yaml", "args:\n  - --source=kubernetes", Example{Args: []string{"--source=kubernetes"}}},
		{"none", "sh", "kubectl top nodes", Example{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := read(Block{Info: tt.info, Lines: strings.Split(tt.lines, "\n")}, Source)
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	for _, tt := range []struct{ name, info, lines, want string }{
		{"a command of a shell", "sh", "plimsoll --source=kubernetes", "has to stand alone"},
		{"quotes", "text", "--source='kubernetes: x'", "has to stand alone"},
		{"a message without a mark", "text", "--source=x\n--source \"x\": no", "lines that are none"},
		{"a mistake without a message", "text mistake", "--source=x", "needs a flag and a message"},
		{"a mistake without a flag", "text mistake", "no", "needs a flag and a message"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := read(Block{File: "page", Line: 1, Info: tt.info, Lines: strings.Split(tt.lines, "\n")}, Source)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "page:1: ") {
				t.Errorf("got error %v, want one with %q", err, tt.want)
			}
		})
	}
}
