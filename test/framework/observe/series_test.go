package observe

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSeries(t *testing.T) {
	before := parseSeries("# HELP a A counter.\n# TYPE a counter\na{reason=\"x y\"} 1\na{reason=\"same\"} 4\nb 2.5e+06\n\nno number\n")
	if diff := cmp.Diff(Series{`a{reason="x y"}`: 1, `a{reason="same"}`: 4, "b": 2.5e6}, before); diff != "" {
		t.Errorf("the series (-want +got):\n%s", diff)
	}
	after := Series{`a{reason="x y"}`: 3, `a{reason="same"}`: 4, `a{reason="new"}`: 5, "b": 3e6}
	pattern := regexp.MustCompile("^a")
	if got := after.Rise(before, pattern); got != 7 {
		t.Errorf("they have risen by %g, want 7", got)
	}
	want := []string{`a{reason="new"} by 5`, `a{reason="x y"} by 2`}
	if diff := cmp.Diff(want, after.Risen(before, pattern)); diff != "" {
		t.Errorf("those that have risen (-want +got):\n%s", diff)
	}
}

// TestNoteSeries keeps the largest values, also those of series that are no longer there.
func TestNoteSeries(t *testing.T) {
	o := newObservation()
	for _, now := range []Series{{"a": 1, "gone": -1}, {"a": 3}, {"a": 2}} {
		o.NoteSeries(now)
	}
	if diff := cmp.Diff(Series{"a": 3, "gone": -1}, o.Series); diff != "" {
		t.Errorf("the largest values (-want +got):\n%s", diff)
	}
}
