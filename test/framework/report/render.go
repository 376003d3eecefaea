package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// marked is a table of a document, between its markers: <!-- table NAME --> and <!-- end -->.
var marked = regexp.MustCompile(`(?s)<!-- table ([a-z0-9-]+) -->\n(.*?)<!-- end -->`)

// Render returns a document in which each table that has rows in the folder is written anew. The other tables stay as they are. Rows without a table
// in the document are an error.
func Render(document []byte, folder string) ([]byte, error) {
	tables, err := read(folder)
	if err != nil {
		return nil, err
	}
	rendered := marked.ReplaceAllFunc(document, func(found []byte) []byte {
		name := string(marked.FindSubmatch(found)[1])
		rows, measured := tables[name]
		if !measured {
			return found
		}
		delete(tables, name)
		return fmt.Appendf(nil, "<!-- table %s -->\n%s<!-- end -->", name, markdown(rows))
	})
	for name := range tables {
		return nil, fmt.Errorf("the document has no table %q: add its markers, <!-- table %s --> and <!-- end -->", name, name)
	}
	return rendered, nil
}

// read returns the rows of each table, in the order in which they were first added.
func read(folder string) (map[string][]Row, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*"+extension))
	if err != nil {
		return nil, fmt.Errorf("find the rows: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("the folder %s has no rows: run the tests with %s=%s", folder, Environment, folder)
	}
	tables := map[string][]Row{}
	for _, file := range files {
		rows, err := readTable(file)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			tables[row.Table] = append(tables[row.Table], row)
		}
	}
	return tables, nil
}

// readTable returns the rows of a file, each once.
func readTable(file string) (rows []Row, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the rows: %w", err)
	}
	for line := range bytes.Lines(text) {
		var row Row
		if err := json.Unmarshal(line, &row); err != nil {
			return nil, fmt.Errorf("read a row of %s: %w", file, err)
		}
		rows = put(rows, row)
	}
	return rows, nil
}

// put adds a row, or replaces the one of the same name.
func put(rows []Row, row Row) []Row {
	at := slices.IndexFunc(rows, func(r Row) bool { return r.Name == row.Name })
	if at < 0 {
		return append(rows, row)
	}
	rows[at] = row
	return rows
}

// markdown is a table with a column for each heading of a figure, in the order in which they first come.
func markdown(rows []Row) string {
	headings := []string{""}
	for _, row := range rows {
		for _, f := range row.Figures {
			if !slices.Contains(headings, f.Heading) {
				headings = append(headings, f.Heading)
			}
		}
	}
	var b strings.Builder
	line(&b, headings)
	line(&b, slices.Repeat([]string{"---"}, len(headings)))
	for _, row := range rows {
		cells := make([]string, len(headings))
		cells[0] = row.Name
		for _, f := range row.Figures {
			cells[slices.Index(headings, f.Heading)] = f.String()
		}
		line(&b, cells)
	}
	return b.String()
}

func line(b *strings.Builder, cells []string) {
	for _, cell := range cells {
		b.WriteString("| ")
		b.WriteString(strings.ReplaceAll(cell, "|", `\|`))
		b.WriteByte(' ')
	}
	b.WriteString("|\n")
}

// Update renders a document in its place.
func Update(document, folder string) error {
	before, err := os.ReadFile(document)
	if err != nil {
		return fmt.Errorf("read the document: %w", err)
	}
	after, err := Render(before, folder)
	if err != nil {
		return err
	}
	if bytes.Equal(before, after) {
		return errors.New("the rows change nothing in the document: it has no table for them, or they are in it already")
	}
	if err := os.WriteFile(document, after, 0o644); err != nil {
		return fmt.Errorf("write the document: %w", err)
	}
	return nil
}
