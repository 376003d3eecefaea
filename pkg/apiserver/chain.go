package apiserver

import (
	"net/http"

	"k8s.io/apiserver/pkg/endpoints/request"
	genericapiserver "k8s.io/apiserver/pkg/server"
	genericfilters "k8s.io/apiserver/pkg/server/filters"
)

// handlerChain is the library's handler chain with bounds on what a client can hold. The library's filters and their order stay as they are; the bounds
// stand around the chain, around what it serves, and in the authenticator and the authorizer that it calls. Each names the threat that the library
// leaves open.
type handlerChain struct {
	// metrics count refusals; nil where nothing reads them.
	metrics *Metrics
	// connections limits the connections of the server's listener; nil where there is no listener.
	connections *connectionLimiter
}

// build implements the library's BuildHandlerChainFunc. The configuration belongs to the caller and is not changed.
func (b *handlerChain) build(api http.Handler, c *genericapiserver.Config) http.Handler {
	inner := *c
	api = withStallLimit(api, stallTimeout(c.RequestTimeout), c.LongRunningFunc)
	api = b.withWatchLimit(api, c.MaxRequestsInFlight, c.LongRunningFunc)
	if c.FlowControl == nil {
		api = b.withInFlightLimit(api, c)
		inner.MaxRequestsInFlight, inner.MaxMutatingRequestsInFlight = 0, 0
	}
	if a := c.Authentication.Authenticator; a != nil {
		inner.Authentication.Authenticator = b.limitAuthentication(a)
	}
	if a := c.Authorization.Authorizer; a != nil {
		inner.Authorization.Authorizer = b.limitAuthorization(a)
	}
	h := genericapiserver.DefaultBuildHandlerChain(withAllowed(b.withMethodCount(api)), &inner)
	h = b.withResponseLimit(h)
	h = withAbort(h, c.RequestTimeout+grace, isLongRunning(c))
	h = b.withRequestSizeLimits(h)
	h = withDecision(h)
	h = withFinalDeadline(h)
	h = b.withErrorLog(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		growStack()
		h.ServeHTTP(w, r)
	})
}

// withInFlightLimit limits the authorized requests. The threat: the library counts requests before it authorizes them, so the requests of anonymous
// clients, and refusals that no client takes, would use up the limit and authorized requests would be refused. With priority and fairness the
// FlowSchemas of the cluster keep such requests apart, in the library's place. Probes have no limit in common with other requests.
func (b *handlerChain) withInFlightLimit(api http.Handler, c *genericapiserver.Config) http.Handler {
	h := genericfilters.WithMaxInFlightLimit(api, c.MaxRequestsInFlight, c.MaxMutatingRequestsInFlight, c.LongRunningFunc)
	h = b.withUserShare(h, c.MaxRequestsInFlight, c.LongRunningFunc)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isProbe(r.URL.Path) {
			api.ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// withMethodCount counts the authorized requests with methods that no resource has. The library responds to them with the code 405 before it counts
// requests.
func (b *handlerChain) withMethodCount(api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && isOfResource(r) {
			b.metrics.refused(refusedMethod)
		}
		api.ServeHTTP(w, r)
	})
}

func isOfResource(r *http.Request) bool {
	info, found := request.RequestInfoFrom(r.Context())
	return found && info.IsResourceRequest
}
