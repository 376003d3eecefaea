package world

import (
	"testing"

	"github.com/plimsoll/plimsoll/test/framework/report"
)

// result is what was served before, during and after a fault, and how long it took until all was as before.
type result struct{ before, during, after, again string }

// keep logs a result, and adds it to the table of docs/reliability.md.
func (r result) keep(t *testing.T, fault string) {
	t.Helper()
	t.Logf("%s\nbefore: %s\nduring: %s\nafter: %s\nagain: %s", fault, r.before, r.during, r.after, r.again)
	report.Add(t, report.Row{Table: "world", Name: fault, Figures: []report.Figure{
		{Heading: "before", Text: r.before}, {Heading: "during", Text: r.during}, {Heading: "after", Text: r.after}, {Heading: "until all was as before", Text: r.again},
	}})
}
