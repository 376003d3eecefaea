package source

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// readAddress reads the URL of the API server, if there is one.
func (d *draft) readAddress(text string) {
	address, err := unquote(text)
	if err == nil && address == "" {
		return
	}
	if err == nil {
		d.server, err = parseServer(address)
	}
	if err != nil {
		d.unclear[access] = true
		d.wrong(": the address %q %w", text, err)
	}
}

// parseServer returns the URL in the form of Access.Server. The error continues a sentence that begins with the address.
func parseServer(address string) (string, error) {
	u, err := url.Parse(address)
	switch {
	case !strings.Contains(address, "://"):
		return "", errors.New("does not begin with https:// or http://: write one of these before HOST:PORT")
	case err != nil:
		return "", errors.New("is no URL: write https://HOST:PORT, with the brackets of an IPv6 address, and with a % only before two hexadecimal digits")
	case u.Scheme != "https" && u.Scheme != "http":
		return "", errors.New("has another scheme than https and http: write one of these")
	case strings.ContainsAny(u.Host, "&;,=%"):
		return "", errors.New("has a host that cannot be: options begin with a question mark, and are joined by &")
	case u.Hostname() == "":
		return "", errors.New("names no host: write https://HOST:PORT")
	case !portIsFine(u):
		return "", errors.New("has a port that cannot be: write one from 1 to 65535, or none")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func portIsFine(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && port > 0
}
