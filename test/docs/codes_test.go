package docs_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/test/docs"
)

const codesPage = "docs/troubleshooting.md"

var (
	codeSection = regexp.MustCompile(`(?m)^### (PLM-[A-Z0-9-]+)\n\n> (.+)\n\n((?:.+\n)+)`)
	seenIn      = regexp.MustCompile("Seen in \\[`?[^]]+`?\\]\\(\\.\\./([^)#]+)\\)\\.$")
)

// TestEachCodeHasASection compares the table of causes with the sections of the page: the message as a person reads it, the label of metrics, what to do,
// and a test in which the code is seen.
func TestEachCodeHasASection(t *testing.T) {
	text, err := docs.Page(codesPage)
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string][]string{}
	for _, s := range codeSection.FindAllStringSubmatch(text, -1) {
		if _, again := sections[s[1]]; again {
			t.Errorf("%s has two sections", s[1])
		}
		sections[s[1]] = s
	}
	for c := range cause.All() {
		s, found := sections[c.String()]
		if !found {
			t.Errorf("%s has no section: %s", c, c.Message())
			continue
		}
		checkSection(t, c, s[2], strings.TrimSpace(s[3]))
		delete(sections, c.String())
	}
	for code := range sections {
		t.Errorf("%s has a section, and is no code", code)
	}
}

func checkSection(t *testing.T, c cause.Cause, message, body string) {
	t.Helper()
	want := regexp.QuoteMeta(strings.TrimSuffix(c.Message(), " ("+c.String()+")"))
	if !regexp.MustCompile("^" + strings.Replace(want, "%s", ".+", 1) + "$").MatchString(message) {
		t.Errorf("%s has the message %q on the page, want %q", c, message, c.Message())
	}
	if label := c.Label(); label != "" && !strings.Contains(body, "In metrics: `"+label+"`.") {
		t.Errorf("%s: the section does not have the label %s: %s", c, label, body)
	}
	in := seenIn.FindStringSubmatch(body)
	if in == nil || len(body) == len(in[0]) {
		t.Errorf("%s: the section does not say what to do, and in which test the code is seen: %s", c, body)
		return
	}
	seen, err := docs.Page(in[1])
	if err != nil || !strings.Contains(seen, c.String()) && (c.Label() == "" || !strings.Contains(seen, `"`+c.Label()+`"`)) {
		t.Errorf("%s is not seen in %s: %v", c, in[1], err)
	}
}
