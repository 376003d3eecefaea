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
	row := rowOf(a.table, a.name, seen)
	row.Figures = append(row.Figures, report.Figure{Heading: "counted as", Text: a.reasons()})
	if isFull && !isCool(resident) {
		row.Figures[memoryColumn].Text += fmt.Sprintf("; %d MiB before the attack", resident>>20)
	}
	report.Add(t, row)
	for _, f := range row.Figures {
		t.Logf("%s: %s", f.Heading, f)
	}
}

// keepCalm reports what was observed without an attack, as the first row of each table.
func keepCalm() error {
	name := fmt.Sprintf("none, for %s", lasts)
	return errors.Join(report.Keep(rowOf(kubeletsTable, name, calm)), report.Keep(rowOf(clientsTable, name, calm)))
}

// rowOf has the age of usage, memory and CPU beside their difference to what they are without an attack.
func rowOf(table, name string, seen *observe.Observation) report.Row {
	calls := seen.Calls[observe.NameAutoscaler]
	milliseconds := func(percent int) float64 { return calls.Percentile(percent).Seconds() * 1000 }
	compared := func(heading string, unit report.Unit, value func(*observe.Observation) float64) report.Figure {
		return report.Figure{Heading: heading, Text: difference(report.Figure{Value: value(seen), Unit: unit}, value(calm))}
	}
	return report.Row{Table: table, Name: name, Figures: []report.Figure{
		compared("oldest usage of others", report.Seconds, func(o *observe.Observation) float64 { return o.Age.Seconds() }),
		{Heading: "autoscaler p50", Value: milliseconds(50), Unit: report.Milliseconds},
		{Heading: "p99", Value: milliseconds(99), Unit: report.Milliseconds},
		{Heading: "failures", Text: failures(seen)},
		compared("memory", report.MiB, func(o *observe.Observation) float64 { return float64(o.Process.Peak >> 20) }),
		compared("CPU", report.Cores, func(o *observe.Observation) float64 { return o.Process.Cores() }),
	}}
}

// memoryColumn is where rowOf has the memory.
const memoryColumn = 4

// difference is a figure and, in parentheses, by how many percent it differs from the same one without an attack. That one itself has no parentheses.
func difference(f report.Figure, without float64) string {
	if f.Value == without || without == 0 {
		return f.String()
	}
	return fmt.Sprintf("%s (%+.0f %%)", f, (f.Value/without-1)*100)
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
