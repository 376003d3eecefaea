package bench

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

const absent = "-"

// Table has both results.
type Table struct {
	Own, Peer *Result
	Goals     map[Figure]Goal
}

// Write writes the table in plain text.
func (t Table) Write(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range t.rows() {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}

// WriteMarkdown writes the table as Markdown.
func (t Table) WriteMarkdown(out io.Writer) error {
	rows := t.rows()
	rows = slices.Insert(rows, 1, slices.Repeat([]string{"---"}, len(rows[0])))
	for _, row := range rows {
		if _, err := fmt.Fprintf(out, "| %s |\n", strings.Join(row, " | ")); err != nil {
			return fmt.Errorf("write the table: %w", err)
		}
	}
	return nil
}

// rows are the heading and a row for each figure that one of the servers has.
func (t Table) rows() [][]string {
	rows := [][]string{{"what", t.Own.Server, t.Peer.Server, "ratio", "goal", "met"}}
	figures := slices.Clone(t.Own.Figures)
	for _, f := range t.Peer.Figures {
		if !slices.Contains(figures, f) {
			figures = append(figures, f)
		}
	}
	for _, f := range figures {
		rows = append(rows, t.row(f))
	}
	return rows
}

func (t Table) row(f Figure) []string {
	row := []string{f.Name, text(t.Own, f), text(t.Peer, f), absent, "", ""}
	if r, ok := ratio(t.Own, t.Peer, f); ok {
		row[3] = fmt.Sprintf("%.2f", r)
	}
	if goal, ok := t.Goals[f]; ok {
		row[4], row[5] = goal.Text, t.verdict(f, goal)
	}
	return row
}

func (t Table) verdict(f Figure, goal Goal) string {
	if text(t.Own, f) == absent || text(t.Peer, f) == absent {
		return absent
	}
	if goal.Met(t.Own, t.Peer) {
		return "yes"
	}
	return "no"
}

func text(r *Result, f Figure) string {
	value, ok := r.Value(f)
	if !ok {
		return absent
	}
	return f.Text(value)
}
