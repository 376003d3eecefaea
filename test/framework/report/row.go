// Package report keeps the figures that tests measure, and writes them into the tables of a document. A test adds a row; where the environment names
// a folder, the row is a line of JSON there. [Render] replaces what stands between the markers of a document by the rows of the folder.
package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Environment names the variable with the folder of the rows. Without it no row is kept.
const Environment = "PLIMSOLL_REPORT"

// Row is a line of a table.
type Row struct {
	// Table is the name of the table, as the document's markers have it.
	Table string `json:"table"`
	// Name is what was done. A row replaces an earlier one of the same table and name.
	Name string `json:"name"`
	// Figures are the further columns, in their order.
	Figures []Figure `json:"figures"`
}

// Figure is what was measured, under the heading of its column.
type Figure struct {
	Heading string `json:"heading"`
	// Value is in Unit, one of those below, or is not used where there is a Text.
	Value float64 `json:"value,omitempty"`
	Unit  Unit    `json:"unit,omitempty"`
	// Without is the same value without the fault, or 0. A table has in parentheses by how many percent Value differs from it.
	Without float64 `json:"without,omitempty"`
	// Text stands instead of a value.
	Text string `json:"text,omitempty"`
}

// Unit decides how many digits a value is written with.
type Unit string

// The units of figures.
const (
	Seconds      Unit = "s"
	Milliseconds Unit = "ms"
	MiB          Unit = "MiB"
	Cores        Unit = "cores"
	Count        Unit = ""
)

// String is the figure as a table has it.
func (f Figure) String() string {
	if f.Text != "" {
		return f.Text
	}
	digits := 0
	switch f.Unit {
	case Seconds:
		digits = 1
	case Cores:
		digits = 3
	case Milliseconds, MiB, Count:
	}
	text := strings.TrimSpace(strconv.FormatFloat(f.Value, 'f', digits, 64) + " " + string(f.Unit))
	if f.Without == 0 {
		return text
	}
	return fmt.Sprintf("%s (%+d %%)", text, int(math.Round((f.Value/f.Without-1)*100)))
}

// Add keeps a row, in the folder of the environment. It fails the test where it cannot.
func Add(tb testing.TB, row Row) {
	tb.Helper()
	if err := Keep(row); err != nil {
		tb.Error(err)
	}
}

// Keep is Add outside a test, such as in TestMain.
func Keep(row Row) error {
	folder := os.Getenv(Environment)
	if folder == "" {
		return nil
	}
	if err := write(folder, row); err != nil {
		return fmt.Errorf("report %q: %w", row.Name, err)
	}
	return nil
}

// Has is true where the folder of the environment has a row of a table already. It fails the test where the rows cannot be read.
func Has(tb testing.TB, table, name string) bool {
	tb.Helper()
	folder := os.Getenv(Environment)
	if folder == "" {
		return false
	}
	rows, err := readTable(filepath.Join(folder, table+extension))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		tb.Error(err)
	}
	return slices.ContainsFunc(rows, func(r Row) bool { return r.Table == table && r.Name == name })
}

// write appends a row to the file of its table.
func write(folder string, row Row) error {
	line, err := json.Marshal(row)
	if err != nil {
		return fmt.Errorf("encode the row: %w", err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(folder, row.Table+extension), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("open the file of the table: %w", err)
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}

// extension ends the names of the files, one for each table.
const extension = ".jsonl"
