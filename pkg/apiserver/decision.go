package apiserver

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"

	"k8s.io/apiserver/pkg/authentication/user"
)

// decision is how far the library's chain has decided about one request. The authenticator, the authorizer and the handler within the chain write
// it; they run in a goroutine of their own, which goes on where the request has timed out. The filters around the chain read it.
type decision struct {
	// user is the name of the authenticated user; nil where the client is anonymous or has not been authenticated.
	user atomic.Pointer[string]
	// overloaded is true where the request was denied because too many requests like it wait.
	overloaded atomic.Bool
	// allowed is true from when the request was authorized.
	allowed atomic.Bool
}

type decisionKey struct{}

// withDecision gives the request a decision, and lets go of the request at the end. The threat: the HTTP server keeps an HTTP/2 request until the
// client has taken the response, and a connection has hundreds of streams, each with up to 1 MiB of headers. HTTP/1.1 has one request on a
// connection at a time.
func withDecision(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor >= 2 {
			defer dropRequest(r)
		}
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), decisionKey{}, &decision{})))
	})
}

// decisionOf returns the decision of the request that has this context; one that no filter reads where there is none.
func decisionOf(ctx context.Context) *decision {
	if d, ok := ctx.Value(decisionKey{}).(*decision); ok {
		return d
	}
	return &decision{}
}

// dropRequest keeps what the HTTP server reads of a request when it ends the response. The filters have copies of r, so the maps that it shares with
// them are not changed.
func dropRequest(r *http.Request) {
	if r.Method != http.MethodHead {
		r.Method = http.MethodGet
	}
	r.URL, r.RequestURI, r.Header = &url.URL{}, "", nil
}

// withoutReset is a context that ends with the deadline of the request, and not when the client resets the stream. The threat: what was asked of the API server
// is not taken back by a reset. The client of the API server keeps the reservation in its limit of requests, and the library goes on with the review of a
// token; a request that ended at once would free its place for the next one, and a flood of resets would delay the decisions about all others. The error is
// that the stream was reset before anything was asked: then nothing is.
func withoutReset(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	lasting := context.WithoutCancel(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		lasting, cancel := context.WithDeadline(lasting, deadline)
		return lasting, cancel, nil
	}
	return lasting, func() {}, nil
}

// withAllowed is reached by authorized requests alone.
func withAllowed(api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		decisionOf(r.Context()).allowed.Store(true)
		api.ServeHTTP(w, r)
	})
}

// isAnonymous is true of all users that have not been authenticated.
func isAnonymous(u user.Info) bool {
	return u == nil || u.GetName() == "" || slices.Contains(u.GetGroups(), user.AllUnauthenticated)
}
