package cause_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/plimsoll/plimsoll/pkg/cause"
)

// TestTable wants a code, a sentence and a cure that people can read, and nothing twice.
func TestTable(t *testing.T) {
	all := slices.Collect(cause.All())
	if len(all) < 80 || len(all) > 200 {
		t.Errorf("%d causes: the labels of metrics are bounded by the table", len(all))
	}
	code, label := regexp.MustCompile(`^PLM(-[A-Z0-9]+)+$`), regexp.MustCompile(`^[a-z_]*$`)
	codes, messages := map[string]bool{}, map[string]bool{}
	for _, c := range all {
		message := c.About("it")
		if !code.MatchString(c.String()) || !label.MatchString(c.Label()) || codes[c.String()] || messages[message] {
			t.Errorf("%s: label %q, message %q: invalid, or there twice", c, c.Label(), message)
		}
		codes[c.String()], messages[message] = true, true
		if !strings.HasSuffix(message, " ("+c.String()+")") || strings.Contains(message, "%") || strings.Contains(message, ". ") {
			t.Errorf("%s: the message is not one sentence that ends with the code: %q", c, message)
		}
		if !strings.Contains(message, c.Cure()) {
			t.Errorf("%s: the cure is not in the message %q", c, message)
		}
		if got, ok := cause.ByCode(c.String()); !ok || got != c {
			t.Errorf("%s is found as %s", c, got)
		}
	}
}

// TestNone is no cause, and has no text.
func TestNone(t *testing.T) {
	if got := cause.None.String() + cause.None.Label() + cause.None.Message() + cause.None.About("it") + cause.None.Cure(); got != "" {
		t.Errorf("no cause has the texts %q", got)
	}
	if got, ok := cause.ByCode(""); ok || got != cause.None {
		t.Errorf("the empty code is %s, %v", got, ok)
	}
}
