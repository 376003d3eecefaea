package apiserver

import (
	"context"
	"errors"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/endpoints/filters"
	"k8s.io/apiserver/pkg/endpoints/filters/impersonation"
	"k8s.io/apiserver/pkg/endpoints/handlers/responsewriters"
	genericfeatures "k8s.io/apiserver/pkg/features"
	genericapiserver "k8s.io/apiserver/pkg/server"
	genericfilters "k8s.io/apiserver/pkg/server/filters"
)

// buildChain puts the library's filters around what is served, in the library's order, as genericapiserver.DefaultBuildHandlerChain does.
// Left out is what costs each request something and does nothing here: spans for a tracer that nobody can set, the time that each filter
// takes, what is only for watches, and a check that all paths are installed, which they are before the server listens. Instead of a
// goroutine for each request there is [withCutOff].
func buildChain(api http.Handler, c *genericapiserver.Config) http.Handler {
	if wantsMore(c) {
		return genericapiserver.DefaultBuildHandlerChain(api, c)
	}
	h := filters.WithAuthorization(api, c.Authorization.Authorizer, c.Serializer)
	h = genericfilters.WithMaxInFlightLimit(h, c.MaxRequestsInFlight, c.MaxMutatingRequestsInFlight, c.LongRunningFunc)
	h = withImpersonation(h, c)
	h = filters.WithAudit(h, c.AuditBackend, c.AuditPolicyRuleEvaluator, c.LongRunningFunc)
	h = withAuthentication(h, c)
	h = filters.WithWarningRecorder(h)
	h = withCutOff(h)
	h = filters.WithRequestDeadline(h, c.AuditBackend, c.AuditPolicyRuleEvaluator, c.LongRunningFunc, c.Serializer, c.RequestTimeout)
	h = genericfilters.WithWaitGroup(h, c.LongRunningFunc, c.NonLongRunningRequestWaitGroup)
	h = filters.WithCacheControl(h)
	h = genericfilters.WithHSTS(h, c.HSTSDirectives)
	h = genericfilters.WithHTTPLogging(h)
	h = filters.WithLatencyTrackers(h)
	h = filters.WithRequestInfo(h, c.RequestInfoResolver)
	h = filters.WithRequestReceivedTimestamp(h)
	h = genericfilters.WithPanicRecovery(h, c.RequestInfoResolver)
	return filters.WithAuditInit(h)
}

// wantsMore is true where a flag asks for a filter that only the library's own chain has.
func wantsMore(c *genericapiserver.Config) bool {
	return c.FlowControl != nil || c.GoawayChance > 0 || len(c.CorsAllowedOriginList) > 0 ||
		c.ShutdownSendRetryAfter || c.ShutdownWatchTerminationGracePeriod > 0
}

func withImpersonation(h http.Handler, c *genericapiserver.Config) http.Handler {
	if c.FeatureGate.Enabled(genericfeatures.ConstrainedImpersonation) {
		return impersonation.WithConstrainedImpersonation(h, c.Authorization.Authorizer, c.Serializer)
	}
	return impersonation.WithImpersonation(h, c.Authorization.Authorizer, c.Serializer)
}

func withAuthentication(h http.Handler, c *genericapiserver.Config) http.Handler {
	failed := withTimedOut(filters.Unauthorized(c.Serializer), c)
	failed = filters.WithFailedAuthenticationAudit(failed, c.AuditBackend, c.AuditPolicyRuleEvaluator)
	a := c.Authentication
	return filters.WithAuthentication(h, a.Authenticator, failed, a.APIAudiences, a.RequestHeaderConfig)
}

// withTimedOut answers that there was no time, where that is why somebody is not known: their credentials may be good.
func withTimedOut(unauthorized http.Handler, c *genericapiserver.Config) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !errors.Is(r.Context().Err(), context.DeadlineExceeded) {
			unauthorized.ServeHTTP(w, r)
			return
		}
		err := apierrors.NewTimeoutError("request did not complete within the allotted timeout", 0)
		responsewriters.ErrorNegotiated(err, c.Serializer, schema.GroupVersion{}, w, r)
	})
}
