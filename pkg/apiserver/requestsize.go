package apiserver

import (
	"net/http"
	"strings"
)

const (
	// maxSent is how much of what a client sent is repeated in a response or in the log, in bytes.
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

// withRequestSizeLimits refuses requests whose parts are longer than any that is served, and truncates what is only logged. The threat: the library
// repeats in errors, responses, the log and audit events what a client sent, at any length, and parses selectors of any length before it
// authorizes the request. So it stands around all filters of the library.
func (b *handlerChain) withRequestSizeLimits(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if code, message := checkSize(r); code != 0 {
			b.refuseSize(w, code, message)
			return
		}
		truncateLogged(r)
		h.ServeHTTP(w, r)
	})
}

// checkSize returns the code and the message for a request that is refused; code 0 for one that is not.
func checkSize(r *http.Request) (code int, message string) {
	switch {
	case len(r.Method) > maxMethod:
		return http.StatusNotImplemented, "The method is not supported: use GET."
	case len(r.URL.Path) > maxPath:
		return http.StatusRequestURITooLong, "The path has more than 512 bytes: nothing is served there."
	}
	if code, message := checkQuery(r.URL); code != 0 {
		return code, message
	}
	if headerSize(r.Header) > maxHeaders {
		return http.StatusRequestHeaderFieldsTooLarge, "The headers have more than 128 KiB."
	}
	return checkImpersonation(r.Header)
}

func headerSize(headers http.Header) (size int) {
	for name, values := range headers {
		for _, value := range values {
			size += len(name) + len(value) + headerOverhead
		}
	}
	return size
}

// checkImpersonation finds headers whose values the library would repeat in an error and in its log.
func checkImpersonation(headers http.Header) (code int, message string) {
	for name, values := range headers {
		switch {
		case !strings.HasPrefix(name, "Impersonate-"):
		case headers.Get("Impersonate-User") == "":
			return http.StatusBadRequest, "The header Impersonate-User is missing: other headers for impersonation need it."
		case isTooLong(name, values):
			return http.StatusRequestHeaderFieldsTooLarge, "A header for impersonation is too long."
		}
	}
	return 0, ""
}

// isTooLong is true of a header for impersonation that is longer than any that the API server sends.
func isTooLong(name string, values []string) bool {
	size := len(name)
	for _, value := range values {
		size += len(value)
	}
	return size > maxIdentity && name == "Impersonate-User" || size > maxImpersonation
}

// truncateLogged truncates what the library only logs or writes into audit events. The URL stays as it is: it is what is served.
func truncateLogged(r *http.Request) {
	r.RequestURI = truncate(r.RequestURI)
	for _, name := range [...]string{"User-Agent", "X-Forwarded-For", "X-Real-Ip"} {
		for i, value := range r.Header[name] {
			r.Header[name][i] = truncate(value)
		}
	}
}
