// Package cause is the table of all causes for which usage is missing: for each a stable code, a sentence with the cure, and the label of metrics.
//
// The table is the contract with people and programs. Codes are never reused for something else, and docs/troubleshooting.md has a section for each of
// them. Package reason finds the cause of a failed scrape, package engine that of a failed query, package store that of a reading that is missing, package
// doctor those between clients and Plimsoll, and the wiring those of the objects of the API. It is a leaf, and imports nothing of Plimsoll.
package cause

import (
	"iter"
	"strings"
)

// Cause is one row of the table. Its zero value, None, is no cause: nothing is missing.
type Cause uint8

// None is no cause.
const None Cause = 0

// row is what the table has of a cause.
type row struct {
	// code is the stable code.
	code string
	// label is the value of the labels result, reason and state of metrics; empty where no metric has the cause.
	label string
	// summary is the cause, and cure what to do, where a sentence has room for it. They name no address. %s stands for the subject.
	summary, cure string
}

// String is the stable code, such as PLM-KUBELET-REFUSED; empty for None.
func (c Cause) String() string { return table[c].code }

// Label is the cause as the value of a metric's label, such as refused; empty where no metric has the cause.
func (c Cause) Label() string { return table[c].label }

// Summary is the cause alone, without the cure; empty for None. %s stands for the subject.
func (c Cause) Summary() string { return table[c].summary }

// Cure is what to do; empty where the code's section in docs/troubleshooting.md alone has it.
func (c Cause) Cure() string { return table[c].cure }

// Message has the cause, the cure and the code, in one sentence without a full stop; empty for None. It names no address.
func (c Cause) Message() string {
	of := table[c]
	switch {
	case c == None:
		return ""
	case of.cure == "":
		return of.summary + " (" + of.code + ")"
	}
	return of.summary + ": " + of.cure + " (" + of.code + ")"
}

// About is Message about a subject, such as `container "web"`.
func (c Cause) About(subject string) string { return strings.Replace(c.Message(), "%s", subject, 1) }

// All are the causes of the table, in its order.
func All() iter.Seq[Cause] {
	return func(yield func(Cause) bool) {
		for c := None + 1; c < count && yield(c); c++ {
		}
	}
}

// ByCode returns the cause with a code; false where there is none.
func ByCode(code string) (Cause, bool) {
	for c := range All() {
		if table[c].code == code {
			return c, true
		}
	}
	return None, false
}
