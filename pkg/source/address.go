package source

import (
	"errors"
	"net/url"
	"strings"
)

// parseAddress parses the URL of the API server, if there is one.
func (s *spec) parseAddress(text string) {
	address, err := unquote(text)
	if err == nil && address == "" {
		return
	}
	if err == nil {
		s.server, err = parseServer(address)
	}
	if err != nil {
		s.reject(access, ": the address %q %w", text, err)
	}
}

// parseServer returns the URL in the form of Access.Server. The error continues a sentence that begins with the address.
func parseServer(address string) (string, error) {
	u, err := url.Parse(address)
	switch {
	case !strings.Contains(address, "://"):
		return "", errors.New("does not begin with https:// or http://: write one of these before HOST:PORT")
	case err != nil:
		return "", errors.New("is not a URL: write https://HOST:PORT, with the brackets of an IPv6 address, and with a % only before two hexadecimal digits")
	case u.Scheme != "https" && u.Scheme != "http":
		return "", errors.New("has another scheme than https and http: write one of these")
	case strings.ContainsAny(u.Host, "&;,=%"):
		return "", errors.New("has an invalid host: options begin with a question mark, and are joined by &")
	case u.Hostname() == "":
		return "", errors.New("names no host: write https://HOST:PORT")
	case u.Port() != "" && parsePort(u.Port()) == 0, strings.HasSuffix(u.Host, ":"):
		return "", errors.New("has an invalid port: write one from 1 to 65535, or none")
	}
	return strings.TrimRight(u.String(), "/"), nil
}
