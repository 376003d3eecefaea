package authentication

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apiserver/pkg/authentication/authenticatorfactory"
	"k8s.io/apiserver/pkg/authentication/request/headerrequest"
)

// maxHeaders is how much text is kept of the headers of a request, in bytes: many times what an API server says of a user.
const maxHeaders = 4 << 10

// proxyHeaders returns the headers in which a front proxy names its client, all of them in one text that no other ones have; false where
// that is longer than maxHeaders.
func proxyHeaders(headers http.Header, proxy *authenticatorfactory.RequestHeaderConfig) (string, bool) {
	if proxy == nil {
		return "", true
	}
	var names []string
	for name := range headers {
		if speaksOf(proxy, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var all []byte
	for _, name := range names {
		all = strconv.AppendQuote(append(all, '\n'), name)
		for _, value := range headers[name] {
			if len(all)+len(value) > maxHeaders {
				return "", false
			}
			all = strconv.AppendQuote(append(all, ' '), value)
		}
	}
	return string(all), len(all) <= maxHeaders
}

// speaksOf is true of a header that tells who the client of a front proxy is.
func speaksOf(proxy *authenticatorfactory.RequestHeaderConfig, header string) bool {
	is := func(name string) bool { return strings.EqualFold(name, header) }
	begins := func(prefix string) bool {
		return len(header) >= len(prefix) && strings.EqualFold(header[:len(prefix)], prefix)
	}
	for _, names := range []headerrequest.StringSliceProvider{proxy.UsernameHeaders, proxy.UIDHeaders, proxy.GroupHeaders} {
		if slices.ContainsFunc(names.Value(), is) {
			return true
		}
	}
	return slices.ContainsFunc(proxy.ExtraHeaderPrefixes.Value(), begins)
}
