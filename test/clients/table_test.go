package clients

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// inHeader are headers of kubectl: words of one header have one blank between them, headers more.
var inHeader = regexp.MustCompile(`\S+( \S+)*`)

// parseTable reads lines of cells that begin where their headers begin. Each line becomes a map from header to cell. Where the headers are given the
// text has none, and no cell has a blank or is empty.
func parseTable(text string, headers ...string) ([]map[string]string, error) {
	lines := strings.Split(strings.TrimRight(text, "\n "), "\n")
	var rows []map[string]string
	if len(headers) > 0 {
		for _, line := range lines {
			cells := strings.Fields(line)
			if len(cells) != len(headers) {
				return nil, fmt.Errorf("line %q has %d cells, want %q", line, len(cells), headers)
			}
			row := map[string]string{}
			for i, cell := range cells {
				row[headers[i]] = cell
			}
			rows = append(rows, row)
		}
		return rows, nil
	}
	columns := inHeader.FindAllStringIndex(lines[0], -1)
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, c := range columns {
			begin, end := min(c[0], len(line)), len(line)
			if i+1 < len(columns) {
				end = min(columns[i+1][0], len(line))
			}
			if begin > 0 && begin < len(line) && line[begin-1] != ' ' {
				return nil, fmt.Errorf("line %q has no column that begins below %q", line, lines[0][c[0]:c[1]])
			}
			row[lines[0][c[0]:c[1]]] = strings.TrimSpace(line[begin:end])
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// column is one column of a table, from its first line to its last.
func column(rows []map[string]string, header string) []string {
	cells := make([]string, len(rows))
	for i, row := range rows {
		cells[i] = row[header]
	}
	return cells
}

// compareRows compares rows of objects with the truth, by their keys and by the headers of CPU and memory.
func compareRows(rows []map[string]string, want map[string]expected, key func(row map[string]string) string, cpu, memory string) error {
	var errs []error
	seen := map[string]bool{}
	for _, row := range rows {
		k := key(row)
		e, exists := want[k]
		if !exists || seen[k] {
			errs = append(errs, fmt.Errorf("row of %q: wanted %v, seen before %v", k, exists, seen[k]))
			continue
		}
		seen[k] = true
		if err := e.check(row[cpu], row[memory]); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", k, err))
		}
	}
	if len(seen) != len(want) || len(want) == 0 {
		errs = append(errs, fmt.Errorf("%d rows, want %d", len(seen), len(want)))
	}
	return errors.Join(errs...)
}

// checkRows is compareRows that fails the test.
func checkRows(t *testing.T, rows []map[string]string, want map[string]expected, key func(row map[string]string) string, cpu, memory string) {
	t.Helper()
	if err := compareRows(rows, want, key, cpu, memory); err != nil {
		t.Error(err)
	}
}

// inRow is the key of a row of a pod or container: what it has of namespace, pod and name.
func inRow(namespace string) func(row map[string]string) string {
	return func(row map[string]string) string {
		key := cmp.Or(row["NAMESPACE"], namespace)
		if pod, of := row["POD"]; of {
			key += "/" + pod
		}
		return key + "/" + row["NAME"]
	}
}

// isDescending is true where each number, with a unit that all of them have, is at most the one before.
func isDescending(cells []string) bool {
	return slices.IsSortedFunc(cells, func(a, b string) int {
		var x, y int
		_, errX := fmt.Sscan(strings.TrimRight(a, "mMi"), &x)
		_, errY := fmt.Sscan(strings.TrimRight(b, "mMi"), &y)
		if errX != nil || errY != nil {
			return -1
		}
		return y - x
	})
}

func TestParseTable(t *testing.T) {
	want := []map[string]string{{"NAME": "a", "CPU": "1m"}, {"NAME": "b", "CPU": "12m"}}
	for name, got := range map[string]func() ([]map[string]string, error){
		"with headers":    func() ([]map[string]string, error) { return parseTable("NAME   CPU\na      1m\nb      12m\n") },
		"without headers": func() ([]map[string]string, error) { return parseTable("a   1m    \nb   12m\n", "NAME", "CPU") },
	} {
		t.Run(name, func(t *testing.T) {
			rows, err := got()
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(want, rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
	for name, text := range map[string]string{"a cell too few": "a 1m\nb\n", "a cell that is not below its header": "a   1m 2\n"} {
		if _, err := parseTable(text, "NAME", "CPU"); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := parseTable("NAME   CPU\nlong-name 1m\n"); err == nil {
		t.Error("a cell across the beginning of a column has no error")
	}
	rows, err := parseTable("NAME   LAST SEEN   CPU\na                  1m\n")
	if diff := gocmp.Diff([]map[string]string{{"NAME": "a", "LAST SEEN": "", "CPU": "1m"}}, rows); diff != "" || err != nil {
		t.Errorf("an empty cell (-want +got), %v:\n%s", err, diff)
	}
	if isDescending([]string{"3m", "x"}) || isDescending([]string{"3m", "12m"}) || !isDescending([]string{"12m", "3m", "3m"}) {
		t.Error("isDescending does not compare numbers")
	}
}
