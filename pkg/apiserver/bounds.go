package apiserver

import (
	"net/http"
	"net/url"
	"strings"

	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
)

const (
	// maxSent is how much of what a client sent is repeated in an answer or in the log, in bytes.
	maxSent = 200
	// maxPath is how long a path may be, in bytes. The longest that is served, of a pod of another cluster, has 435.
	maxPath = 512
	// maxIdentity is how long a header may be that names a user to impersonate, in bytes. That of a service account has up to 338.
	maxIdentity = 1 << 10
	// maxImpersonation is how long all values of one other header for impersonation may be, in bytes.
	maxImpersonation = 16 << 10
	// maxHeaders is how long all headers may be together, in bytes. The API server sends the groups of a user in them: more than a thousand fit.
	maxHeaders = 128 << 10
	// headerOverhead is what a header takes in memory beside its name and its value, in bytes: what HTTP/2 counts for it.
	headerOverhead = 32
	// maxMethod is how long a method may be, in bytes.
	maxMethod = 20
)

// withRequestBounds refuses requests whose parts are longer than any that is served, and shortens what is only logged. It comes before all
// filters that log or repeat what was sent.
func (b *chain) withRequestBounds(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if code, message := outOfBounds(r); code != 0 {
			b.refuseBounds(w, r, code, message)
			return
		}
		h.ServeHTTP(w, shortenLogged(r))
	})
}

// outOfBounds is the code and the message for a request that is refused; 0 where it is not.
func outOfBounds(r *http.Request) (code int, message string) {
	switch {
	case len(r.Method) > maxMethod:
		return http.StatusNotImplemented, "The method is not supported: use GET."
	case len(r.URL.Path) > maxPath:
		return http.StatusRequestURITooLong, "The path has more than 512 bytes: nothing is served there."
	case len(r.URL.RawQuery) > maxSent && isBelowProbe(r.URL.Path):
		return http.StatusRequestURITooLong, "The query has more than 200 bytes: leave out checks one request at a time."
	case len(r.URL.RawQuery) > maxQuery:
		return http.StatusBadRequest, longQuery(r.URL.RawQuery)
	case len(r.URL.RawQuery) > maxSent:
		if message := badQuery(r.URL.Query()); message != "" {
			return http.StatusBadRequest, message
		}
	}
	if tooLong(r.Header) {
		return http.StatusRequestHeaderFieldsTooLarge, "The headers have more than 128 KiB."
	}
	return badImpersonation(r.Header)
}

func tooLong(headers http.Header) bool {
	size := 0
	for name, values := range headers {
		for _, value := range values {
			size += len(name) + len(value) + headerOverhead
		}
	}
	return size > maxHeaders
}

// badQuery finds in a long query what the library would repeat in its log. Selectors may be long where they are ones.
func badQuery(query url.Values) (message string) {
	for name, values := range query {
		for _, value := range values {
			var err error
			switch {
			case len(value) <= maxSent:
			case name == "labelSelector":
				_, err = labels.Parse(value)
			case name == "fieldSelector":
				_, err = fields.ParseSelector(value)
			default:
				return "A parameter of the query has more than 200 bytes: only selectors may."
			}
			if err != nil {
				return "The selector cannot be parsed: " + shortenMessage(err.Error())
			}
		}
	}
	return ""
}

// isBelowProbe is true of the paths of health checks, also of single ones.
func isBelowProbe(path string) bool {
	return strings.HasPrefix(path, "/livez") || strings.HasPrefix(path, "/readyz") || strings.HasPrefix(path, "/healthz")
}

// badImpersonation finds headers whose values the library would repeat in an error and in its log.
func badImpersonation(headers http.Header) (code int, message string) {
	for name, values := range headers {
		if !strings.HasPrefix(name, "Impersonate-") {
			continue
		}
		if headers.Get("Impersonate-User") == "" {
			return http.StatusBadRequest, "The header Impersonate-User is missing: other headers for impersonation need it."
		}
		size := len(name)
		for _, value := range values {
			size += len(value)
		}
		if size > maxIdentity && name == "Impersonate-User" || size > maxImpersonation {
			return http.StatusRequestHeaderFieldsTooLarge, "A header for impersonation is too long."
		}
	}
	return 0, ""
}

// loggedHeaders are those that the library logs, or writes into audit events.
var loggedHeaders = [...]string{"User-Agent", "X-Forwarded-For", "X-Real-Ip"}

// shortenLogged leaves less in the request of what is only logged, and returns it. The URL stays as it is: it is what is served. The request is changed
// and not copied, because the HTTP server keeps the one that it made.
func shortenLogged(r *http.Request) *http.Request {
	r.RequestURI = shorten(r.RequestURI)
	for _, name := range loggedHeaders {
		for i, value := range r.Header[name] {
			r.Header[name][i] = shorten(value)
		}
	}
	return r
}
