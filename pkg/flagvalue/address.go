package flagvalue

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// ParseURL parses the URL of a server, which has one of these schemes. The error continues a sentence that begins with the address.
func ParseURL(address string, schemes ...string) (*url.URL, error) {
	u, err := url.Parse(address)
	write := schemes[0] + "://HOST:PORT"
	switch {
	case !strings.Contains(address, "://"):
		return nil, fmt.Errorf("does not begin with %s://: write one of these before HOST:PORT", strings.Join(schemes, ":// or "))
	case err != nil:
		return nil, fmt.Errorf("is not a URL: write %s, with the brackets of an IPv6 address, and with a %% only before two hexadecimal digits", write)
	case !slices.Contains(schemes, u.Scheme):
		return nil, fmt.Errorf("has another scheme than %s: write one of these", strings.Join(schemes, " and "))
	case strings.ContainsAny(u.Host, "&;,=%"):
		return nil, errors.New("has an invalid host: options begin with a question mark, and are joined by &")
	case u.Hostname() == "":
		return nil, fmt.Errorf("names no host: write %s", write)
	case u.Port() != "" && ParsePort(u.Port()) == 0, strings.HasSuffix(u.Host, ":"):
		return nil, errors.New("has an invalid port: write one from 1 to 65535, or none")
	}
	return u, nil
}

// ParsePort returns a port from 1 to 65535, or 0 where the text is none.
func ParsePort(text string) int {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0
	}
	return int(port)
}
