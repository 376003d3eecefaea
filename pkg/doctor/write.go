package doctor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteJSON writes a report as JSON, with an end of line.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// WriteTable writes a report for a person: a line for each check, and a paragraph for each finding.
func (r *Report) WriteTable(w io.Writer) error {
	var out bytes.Buffer
	t := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "CHECK\tSTATE\tDETAIL")
	for _, c := range r.Checks {
		fmt.Fprintf(t, "%s\t%s\t%s\n", c.Name, c.State, c.Detail)
	}
	_ = t.Flush() // A buffer accepts everything.
	for _, f := range r.Findings {
		fmt.Fprintf(&out, "\n%s  %s\n", f.Code, f.subjects())
		fmt.Fprintf(&out, "  cause: %s\n", sentence(f.Cause))
		for _, detail := range f.Details {
			fmt.Fprintf(&out, "         %s\n", detail)
		}
		fmt.Fprintf(&out, "  cure:  %s\n", sentence(f.Cure))
	}
	fmt.Fprintf(&out, "\n%s\n", r.verdict())
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// subjects are the objects of a finding.
func (f *Finding) subjects() string {
	text := strings.Join(f.Objects, ", ")
	if more := f.Count - len(f.Objects); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

func (r *Report) verdict() string {
	switch r.ExitCode() {
	case ExitHealthy:
		return "No findings."
	case ExitNotLooked:
		return "No findings, but not every check could be made."
	}
	if len(r.Findings) == 1 {
		return "1 finding. docs/troubleshooting.md has a section for its code."
	}
	return fmt.Sprintf("%d findings. docs/troubleshooting.md has a section for each code.", len(r.Findings))
}
