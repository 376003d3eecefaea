package docs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plimsoll/plimsoll/test/docs"
)

// TestCommandsOfTheAPIAreRun wants each command of kubectl that a page shows to be one that a test runs on a real control plane.
func TestCommandsOfTheAPIAreRun(t *testing.T) {
	files, err := filepath.Glob("../integration/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tests.Write(text)
	}
	blocks, err := docs.Blocks("docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := 0
	for _, block := range blocks {
		for _, line := range block.Lines {
			if command, ok := strings.CutPrefix(line, "kubectl "); ok {
				commands++
				if !strings.Contains(tests.String(), `"`+command+`"`) {
					t.Errorf("%s:%d: no test of test/integration runs %q", block.File, block.Line, command)
				}
			}
		}
	}
	if commands < 10 {
		t.Errorf("%d commands", commands)
	}
}
