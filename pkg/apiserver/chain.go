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
	flowcontrolrequest "k8s.io/apiserver/pkg/util/flowcontrol/request"
)

// chain puts filters around what is served. Its limits belong to one server.
type chain struct {
	// metrics count refusals; nil where they are not read.
	metrics *Metrics
	// connections are those of the server's listener; nil where it has none.
	connections *connectionLimiter
}

// build puts the library's filters around what is served, in the library's order, as genericapiserver.DefaultBuildHandlerChain does, with one
// exception: the limit of requests in flight comes after authorization, so that no request which is refused holds a place of one that is not.
// What is not decided yet has a limit of its own, for each client: see [chain.withUndecidedLimit].
// Left out is what costs each request something and does nothing here: spans for a tracer that nobody can set, the time that each filter
// takes, what is only for watches, and a check that all paths are installed, which they are before the server listens. Instead of a
// goroutine for each request there is [withCutOff].
func (b *chain) build(api http.Handler, c *genericapiserver.Config) http.Handler {
	if wantsMore(c) {
		return withFinalDeadline(b.withRequestBounds(genericapiserver.DefaultBuildHandlerChain(api, c)))
	}
	h := b.withInFlightLimit(api, c)
	h = withDecision(h)
	h = filters.WithAuthorization(h, c.Authorization.Authorizer, c.Serializer)
	h = withImpersonation(h, c)
	h = b.withUndecidedLimit(h, c.MaxRequestsInFlight)
	h = filters.WithAudit(h, c.AuditBackend, c.AuditPolicyRuleEvaluator, c.LongRunningFunc)
	h = b.withAuthentication(h, c)
	h = genericfilters.WithCORS(h, c.CorsAllowedOriginList, nil, nil, nil, "true")
	h = filters.WithWarningRecorder(h)
	h = b.withProbeLimit(h)
	h = withCutOff(h)
	h = filters.WithRequestDeadline(h, c.AuditBackend, c.AuditPolicyRuleEvaluator, c.LongRunningFunc, c.Serializer, c.RequestTimeout)
	h = genericfilters.WithWaitGroup(h, c.LongRunningFunc, c.NonLongRunningRequestWaitGroup)
	if c.SecureServing != nil && !c.SecureServing.DisableHTTP2 && c.GoawayChance > 0 {
		h = genericfilters.WithProbabilisticGoaway(h, c.GoawayChance)
	}
	h = filters.WithCacheControl(h)
	h = genericfilters.WithHSTS(h, c.HSTSDirectives)
	h = genericfilters.WithHTTPLogging(h)
	h = filters.WithLatencyTrackers(h)
	h = filters.WithRequestInfo(h, c.RequestInfoResolver)
	h = filters.WithRequestReceivedTimestamp(h)
	h = genericfilters.WithPanicRecovery(h, c.RequestInfoResolver)
	h = filters.WithAuditInit(h)
	return withFinalDeadline(b.withRequestBounds(h))
}

// wantsMore is true where a flag asks for a filter that only the library can build, because it waits for signals that the library keeps to itself.
func wantsMore(c *genericapiserver.Config) bool {
	return c.ShutdownSendRetryAfter || c.ShutdownWatchTerminationGracePeriod > 0
}

// withInFlightLimit limits the authorized requests: by the cluster's FlowSchemas where priority and fairness is on, else by their number,
// of which one user may hold a part. Probes have no limit in common with others.
func (b *chain) withInFlightLimit(api http.Handler, c *genericapiserver.Config) http.Handler {
	var h http.Handler
	if c.FlowControl != nil {
		estimator := flowcontrolrequest.NewWorkEstimator(
			c.StorageObjectCountTracker.Get, c.FlowControl.GetInterestedWatchCount, flowcontrolrequest.DefaultWorkEstimatorConfig(), c.FlowControl.GetMaxSeats)
		h = genericfilters.WithPriorityAndFairness(api, c.LongRunningFunc, c.FlowControl, estimator, c.RequestTimeout/4)
	} else {
		h = genericfilters.WithMaxInFlightLimit(api, c.MaxRequestsInFlight, c.MaxMutatingRequestsInFlight, c.LongRunningFunc)
		h = b.withUserShare(h, c.MaxRequestsInFlight)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isProbe(r) {
			api.ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

func withImpersonation(h http.Handler, c *genericapiserver.Config) http.Handler {
	if c.FeatureGate.Enabled(genericfeatures.ConstrainedImpersonation) {
		return impersonation.WithConstrainedImpersonation(h, c.Authorization.Authorizer, c.Serializer)
	}
	return impersonation.WithImpersonation(h, c.Authorization.Authorizer, c.Serializer)
}

func (b *chain) withAuthentication(h http.Handler, c *genericapiserver.Config) http.Handler {
	failed := withTimedOut(filters.Unauthorized(c.Serializer), c)
	failed = filters.WithFailedAuthenticationAudit(failed, c.AuditBackend, c.AuditPolicyRuleEvaluator)
	failed = b.withUnauthenticatedLimit(failed)
	a := c.Authentication
	h = filters.WithAuthentication(b.withKnownConnection(h), shortErrors(a.Authenticator), failed, a.APIAudiences, a.RequestHeaderConfig)
	return b.withReviewLimit(h)
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
