package faults

import (
	"errors"
	"fmt"
	"testing"

	"github.com/plimsoll/plimsoll/test/framework/observe"
	"github.com/plimsoll/plimsoll/test/framework/report"
)

// kubeletsTable and clientsTable are tables of docs/reliability.md.
const kubeletsTable, clientsTable = "kubelets", "clients"

// addRow reports what was observed during an attack, which began with so many bytes resident.
func addRow(t *testing.T, a attack, seen *observe.Observation, resident uint64) {
	t.Helper()
	row := report.Row{Table: a.table, Name: a.name, Figures: figures(seen)}
	for i, without := range figures(calm) {
		switch f := &row.Figures[i]; f.Heading {
		case headingAge, headingMemory, headingCPU:
			f.Without = without.Value
		}
		t.Logf("%s: %s", row.Figures[i].Heading, row.Figures[i])
	}
	row.Figures = append(row.Figures, report.Figure{Heading: "counted as", Text: a.reasons()})
	if isFull && !isCool(resident) {
		row.Figures = append(row.Figures, report.Figure{Heading: "memory at the beginning", Value: float64(resident >> 20), Unit: report.MiB})
	}
	report.Add(t, row)
}

// keepCalm reports what was observed without an attack, as the first row of each table.
func keepCalm() error {
	row := report.Row{Name: fmt.Sprintf("none, for %.0f s", lasts.Seconds()), Figures: figures(calm)}
	var failed []error
	for _, row.Table = range []string{kubeletsTable, clientsTable} {
		failed = append(failed, report.Keep(row))
	}
	return errors.Join(failed...)
}

// The headings of what is compared with the same without an attack.
const headingAge, headingMemory, headingCPU = "oldest usage of others", "memory", "CPU"

// figures are those of one observation.
func figures(seen *observe.Observation) []report.Figure {
	calls := seen.Calls[observe.NameAutoscaler]
	milliseconds := func(percent int) float64 { return calls.Percentile(percent).Seconds() * 1000 }
	return []report.Figure{
		{Heading: headingAge, Value: seen.Age.Seconds(), Unit: report.Seconds},
		{Heading: "autoscaler p50", Value: milliseconds(50), Unit: report.Milliseconds},
		{Heading: "p99", Value: milliseconds(99), Unit: report.Milliseconds},
		{Heading: "failures", Text: failures(seen)},
		{Heading: headingMemory, Value: float64(seen.Process.Peak) / (1 << 20), Unit: report.MiB},
		{Heading: headingCPU, Value: seen.Process.Cores(), Unit: report.Cores},
	}
}

// failures is how many requests of the observers failed.
func failures(seen *observe.Observation) string {
	failed, sent := 0, 0
	for name, n := range seen.Counts {
		failed, sent = failed+len(seen.Failures[name]), sent+n
	}
	if failed == 0 {
		return "none"
	}
	return fmt.Sprintf("%d of %d", failed, sent)
}
