package decode

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

var update = flag.Bool("update", false, "write the golden files again; read the difference before you commit it")

// TestGolden decodes every body in testdata and compares the result with the file of the same name and .golden.
func TestGolden(t *testing.T) {
	for pattern, decode := range map[string]func([]byte) (sample.Node, error){"*.prom": resource, "*.json": summary} {
		for _, path := range fixtures(t, pattern) {
			t.Run(filepath.Base(path), func(t *testing.T) {
				body := read(t, path)
				before := string(body)
				got := render(decode(body))
				if string(body) != before {
					t.Error("the decoder changed the body")
				}
				compareGolden(t, strings.TrimSuffix(path, filepath.Ext(path))+".golden", got)
			})
		}
	}
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(read(t, path)), got); diff != "" {
		t.Errorf("not what %s says (-want +got):\n%s", path, diff)
	}
}

// fixtures are the files in testdata that match the pattern, at least one.
func fixtures(t testing.TB, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no file in testdata matches %s: %v", pattern, err)
	}
	return paths
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
