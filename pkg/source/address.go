package source

import (
	"strings"

	"github.com/plimsoll/plimsoll/pkg/flagvalue"
)

// parseAddress parses the URL of the API server, if there is one, or that of the engine.
func (s *spec) parseAddress(text string) {
	address, err := flagvalue.Unquote(text)
	if err == nil && address == "" {
		return
	}
	about, url := access, &s.server
	if s.kind == Prometheus {
		about, url = engines, &s.values.engine.URL
	}
	if err == nil {
		*url, err = parseServer(address)
	}
	if err != nil {
		s.unparsed[about] = true
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
