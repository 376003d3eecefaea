package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const document = "# Title\n\n<!-- table kubelets -->\nold\n<!-- end -->\n\nText.\n\n<!-- table world -->\nkept\n<!-- end -->\n"

// TestRender adds rows, of which one is measured again and has more figures than another, and renders a document.
func TestRender(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "rows")
	t.Setenv(Environment, folder)
	age := func(seconds float64) Figure { return Figure{Heading: "age", Value: seconds, Unit: Seconds} }
	Add(t, Row{Table: "kubelets", Name: "none", Figures: []Figure{age(9)}})
	Add(t, Row{Table: "kubelets", Name: "a|b", Figures: []Figure{age(5.25), {Heading: "memory", Value: 74.4, Unit: MiB}}})
	Add(t, Row{Table: "kubelets", Name: "none", Figures: []Figure{{Heading: "counted", Text: "too_many"}, age(5)}})
	file := filepath.Join(t.TempDir(), "document.md")
	if err := os.WriteFile(file, []byte(document), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Update(file, folder); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(document, "old\n", "|  | counted | age | memory |\n| --- | --- | --- | --- |\n| none | too_many | 5.0 s |  |\n| a\\|b |  | 5.2 s | 74 MiB |\n", 1)
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("the document (-want +got):\n%s", diff)
	}
	if err := Update(file, folder); err == nil {
		t.Error("rows that change nothing are no error")
	}
}

func TestRenderFails(t *testing.T) {
	tests := []struct {
		name, file, text, want string
	}{
		{"no rows", "notes.txt", "", "has no rows"},
		{"no JSON", "world.jsonl", "{\n", "read a row"},
		{"a table that the document does not have", "clients.jsonl", `{"table":"clients"}` + "\n", `no table "clients"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, tt.file), []byte(tt.text), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := Render([]byte(document), folder); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got the error %v, want one of %q", err, tt.want)
			}
		})
	}
}

// TestHas asks for rows before there are any, and afterwards.
func TestHas(t *testing.T) {
	t.Setenv(Environment, filepath.Join(t.TempDir(), "rows"))
	if Has(t, "kubelets", "NaN") {
		t.Error("there is a row without a folder")
	}
	Add(t, Row{Table: "kubelets", Name: "NaN"})
	tests := []struct {
		table, name string
		want        bool
	}{
		{"kubelets", "NaN", true},
		{"kubelets", "infinity", false},
		{"clients", "NaN", false},
	}
	for _, tt := range tests {
		if got := Has(t, tt.table, tt.name); got != tt.want {
			t.Errorf("a row %q of table %q: %t, want %t", tt.name, tt.table, got, tt.want)
		}
	}
	t.Setenv(Environment, "")
	if Has(t, "kubelets", "NaN") {
		t.Error("there is a row without the environment")
	}
}

// TestAddKeepsNothing adds a row where the environment names no folder.
func TestAddKeepsNothing(t *testing.T) {
	t.Setenv(Environment, "")
	t.Chdir(t.TempDir())
	Add(t, Row{Table: "kubelets", Name: "none"})
	if files, err := os.ReadDir("."); err != nil || len(files) > 0 {
		t.Errorf("there are %v (%v)", files, err)
	}
}

func TestFigure(t *testing.T) {
	tests := []struct {
		figure Figure
		want   string
	}{
		{Figure{Value: 5.75, Unit: Seconds}, "5.8 s"},
		{Figure{Value: 12.6, Unit: Milliseconds}, "13 ms"},
		{Figure{Value: 74.4, Unit: MiB}, "74 MiB"},
		{Figure{Value: 0.1234, Unit: Cores}, "0.123 cores"},
		{Figure{Value: 0.0362, Without: 0.03, Unit: Cores}, "0.036 cores (+21 %)"},
		{Figure{Value: 15.96, Without: 16, Unit: Seconds}, "16.0 s (+0 %)"},
		{Figure{Value: 60, Without: 80, Unit: MiB}, "60 MiB (-25 %)"},
		{Figure{Value: 785}, "785"},
		{Figure{Value: 1, Text: "none"}, "none"},
	}
	for _, tt := range tests {
		if got := tt.figure.String(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
