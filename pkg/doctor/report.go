package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/plimsoll/plimsoll/pkg/cause"
)

// ReportKind and SchemaVersion are those of the JSON of a Report. A new field keeps the version; a field that is renamed or removed changes it.
const (
	ReportKind    = "DoctorReport"
	SchemaVersion = 1
)

// Report is what the checks have found. Its JSON is stable.
type Report struct {
	Kind          string `json:"kind"`
	SchemaVersion int    `json:"schemaVersion"`
	// Time is that of the API server's clock.
	Time time.Time `json:"time"`
	// Server is the address of the API server, and Service the Service of Plimsoll.
	Server  string `json:"server"`
	Service string `json:"service"`
	// Checks are in the order of the way of a request, from the API server to the kubelets.
	Checks []Check `json:"checks"`
	// Findings are in the order of their checks. No two have the same code.
	Findings []Finding `json:"findings"`
}

// State is the state of a Check.
type State string

// The states of a check. One that was made in part and found nothing is StateNotMade.
const (
	StateOK       State = "ok"
	StateFindings State = "findings"
	StateNotMade  State = "not made"
)

// Check is one question about the cluster.
type Check struct {
	Name  string `json:"name"`
	State State  `json:"state"`
	// Detail is what was checked, or for which reason it was not.
	Detail string `json:"detail,omitempty"`
}

// Finding is one cause, with the objects that it concerns.
type Finding struct {
	// Code is stable; docs/troubleshooting.md has a section for each.
	Code string `json:"code"`
	// Check is the name of the check that has found it first.
	Check string `json:"check"`
	// Objects are the objects that it concerns, at most MaxObjects of Count.
	Objects []string `json:"objects"`
	Count   int      `json:"count"`
	Cause   string   `json:"cause"`
	Cure    string   `json:"cure"`
	// Details are what is known in addition of some of the objects.
	Details []string `json:"details,omitempty"`
}

// MaxObjects bounds the objects of a finding, and MaxDetails its details.
const (
	MaxObjects = 10
	MaxDetails = 3
)

// The exit codes of the command.
const (
	ExitHealthy   = 0
	ExitFindings  = 1
	ExitNotLooked = 2
)

// ExitCode is ExitFindings where there are findings. Without any it is ExitNotLooked where a check could not be made, and ExitHealthy else.
func (r *Report) ExitCode() int {
	switch {
	case len(r.Findings) > 0:
		return ExitFindings
	case slices.ContainsFunc(r.Checks, func(c Check) bool { return c.State == StateNotMade }):
		return ExitNotLooked
	}
	return ExitHealthy
}

// Diagnose applies the checks to facts. A cause that is ignored is no finding; the detail of its check counts it.
func Diagnose(f *Facts, ignored ...cause.Cause) *Report {
	r := &Report{
		Kind: ReportKind, SchemaVersion: SchemaVersion, Time: f.Time.UTC().Truncate(time.Second), Server: Printable(f.Host), Service: Printable(f.Service.String()),
		Findings: []Finding{},
	}
	for _, c := range checksOf(f.Target) {
		s := section{report: r, check: c.name, ignored: ignored}
		c.run(f, &s)
		r.Checks = append(r.Checks, s.result())
	}
	return r
}

// section is what one check has found so far.
type section struct {
	report *Report
	check  string
	found  bool
	// ignored are causes that are no findings, and omitted counts what would have been one.
	ignored []cause.Cause
	omitted int
	// details are what was checked, and notMade why something was not.
	details, notMade []string
}

// find reports a cause for an object, with what is known in addition; empty where nothing is. A cause that was reported before gets one more object.
func (s *section) find(c cause.Cause, object, detail string) {
	if slices.Contains(s.ignored, c) {
		s.omitted++
		return
	}
	s.found = true
	summary := strings.Replace(c.Summary(), "%s", "it", 1)
	s.report.find(Finding{Code: c.String(), Check: s.check, Cause: summary, Cure: c.Cure()}, object, detail)
}

func (r *Report) find(f Finding, object, detail string) {
	i := slices.IndexFunc(r.Findings, func(known Finding) bool { return known.Code == f.Code })
	if i < 0 {
		i = len(r.Findings)
		f.Cause, f.Cure = Printable(f.Cause), Printable(cmp.Or(f.Cure, "see docs/troubleshooting.md"))
		r.Findings = append(r.Findings, f)
	}
	known := &r.Findings[i]
	object, detail = Printable(object), Printable(detail)
	if slices.Contains(known.Objects, object) {
		return
	}
	known.Count++
	if len(known.Objects) < MaxObjects {
		known.Objects = append(known.Objects, object)
	}
	if detail != "" && len(known.Details) < MaxDetails && !slices.Contains(known.Details, detail) {
		known.Details = append(known.Details, detail)
	}
}

// ok notes what was checked.
func (s *section) ok(format string, args ...any) {
	s.details = append(s.details, fmt.Sprintf(format, args...))
}

// unknown notes why something could not be checked.
func (s *section) unknown(format string, args ...any) {
	s.notMade = append(s.notMade, fmt.Sprintf(format, args...))
}

func (s *section) result() Check {
	c := Check{Name: s.check, State: StateOK}
	if s.omitted > 0 {
		s.ok("%d ignored", s.omitted)
	}
	switch {
	case s.found:
		c.State = StateFindings
	case len(s.notMade) > 0:
		c.State = StateNotMade
	}
	c.Detail = Printable(joined(slices.Concat(s.notMade, s.details)))
	return c
}
