package servingcert

import (
	"os"
	"strings"
	"testing"
)

// TestMessagesAreDocumented has the page for operators name each line of the log by its beginning.
func TestMessagesAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/certificates.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, message := range []string{noRightToSecret, noRightToAPIService, requestFailed, foreignSecret, unusableSecret, foreignAPIService, overwrittenBundle} {
		begin, _, _ := strings.Cut(message, ".")
		begin, _, _ = strings.Cut(begin, ",")
		if !strings.Contains(string(page), "`"+begin+"`") {
			t.Errorf("the page has no line %q", begin)
		}
	}
}
