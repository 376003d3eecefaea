package faults

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/report"
)

// plan is which attacks this run makes: it lets the full form be measured in several runs.
type plan struct {
	// continued is true where the attacks that have a row already are left out.
	continued bool
	// end is when the last attack begins at the latest; zero for no end.
	end time.Time
}

// planned is the plan of the environment: CONTINUE=1, and MINUTES, after which no attack begins.
func planned() (plan, error) {
	p := plan{continued: os.Getenv("CONTINUE") == "1"}
	if text := os.Getenv("MINUTES"); text != "" {
		minutes, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return plan{}, fmt.Errorf("MINUTES: %w", err)
		}
		p.end = time.Now().Add(time.Duration(minutes * float64(time.Minute)))
	}
	return p, nil
}

// skip returns why an attack is left out; "" for one that is made.
func (p plan) skip(t *testing.T, a attack) string {
	t.Helper()
	switch {
	case a.table != "" && p.continued && report.Has(t, a.table, a.name):
		return "has a row already"
	case !p.end.IsZero() && time.Now().After(p.end):
		return "the time is over; CONTINUE=1 goes on here"
	}
	return ""
}
