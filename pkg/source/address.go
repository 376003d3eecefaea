package source

import (
	"strings"

	"github.com/plimsoll/plimsoll/pkg/flagvalue"
)

// parseAddress parses the URL of the API server, if there is one.
func (s *spec) parseAddress(text string) {
	address, err := flagvalue.Unquote(text)
	if err == nil && address == "" {
		return
	}
	if err == nil {
		s.server, err = parseServer(address)
	}
	if err != nil {
		s.unparsed[access] = true
		s.Errorf(": the address %q %w", text, err)
	}
}

// parseServer returns the URL in the form of Access.Server. The error continues a sentence that begins with the address.
func parseServer(address string) (string, error) {
	u, err := flagvalue.ParseURL(address, "https", "http")
	if err != nil {
		return "", err
	}
	return strings.TrimRight(u.String(), "/"), nil
}
