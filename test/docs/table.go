package docs

import (
	"fmt"
	"strings"
)

// Table returns the rows of a page's table, without its head, cell by cell. The title is the line of its head. The error says that the page cannot be
// read, or has no such table.
func Table(page, title string) (rows [][]string, err error) {
	text, err := Page(page)
	if err != nil {
		return nil, err
	}
	_, table, found := strings.Cut(text, title+"\n"+strings.Repeat("|---", strings.Count(title, "|")-1)+"|\n")
	if !found {
		return nil, fmt.Errorf("%s has no table with the head %s", page, title)
	}
	table, _, _ = strings.Cut(table, "\n\n")
	for row := range strings.Lines(table) {
		rows = append(rows, strings.Split(strings.Trim(strings.TrimSpace(row), "| "), " | "))
	}
	return rows, nil
}
