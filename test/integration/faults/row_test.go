package faults

import (
	"fmt"
	"testing"

	"github.com/plimsoll/plimsoll/test/framework/observe"
	"github.com/plimsoll/plimsoll/test/framework/report"
)

// addRow reports what was observed during an attack, beside what was observed without one.
func addRow(t *testing.T, table, name, counted string, seen *observe.Observation) {
	t.Helper()
	calls := seen.Calls[observe.NameAutoscaler]
	row := report.Row{Table: table, Name: name, Figures: []report.Figure{
		{Heading: "oldest usage of others", Value: seen.Age.Seconds(), Unit: report.Seconds},
		{Heading: "autoscaler p50", Value: calls.Percentile(50).Seconds() * 1000, Unit: report.Milliseconds},
		{Heading: "p99", Value: calls.Percentile(99).Seconds() * 1000, Unit: report.Milliseconds},
		{Heading: "failures", Text: failures(seen)},
		{Heading: "memory", Value: float64(seen.Process.Peak >> 20), Unit: report.MiB},
		{Heading: "of that without attack", Value: ratio(float64(seen.Process.Peak), float64(calm.Process.Peak)), Unit: report.Ratio},
		{Heading: "CPU", Value: seen.Process.Cores(), Unit: report.Cores},
		{Heading: "CPU of that without attack", Value: ratio(seen.Process.Cores(), calm.Process.Cores()), Unit: report.Ratio},
		{Heading: "counted as", Text: counted},
	}}
	report.Add(t, row)
	t.Logf("memory %.2f and CPU %.2f of what they are without an attack", row.Figures[5].Value, row.Figures[7].Value)
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
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
