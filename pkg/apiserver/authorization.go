package apiserver

import (
	"context"
	"net/http"
	"slices"

	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	apirequest "k8s.io/apiserver/pkg/endpoints/request"
)

const (
	// undecidedPerUser is how many requests of one user may wait for authorization; all anonymous clients count as one. It is a quarter of what the client of
	// the API server sends a second: three users delay the decisions about others by less than a second.
	undecidedPerUser = 50
	// userShares is how many users can use up all places of authorized requests: one user may hold 1/userShares of them.
	userShares = 2
)

// limitAuthorization limits the requests of each user that wait for a decision. The threat: the API server decides about each new path, at a rate that
// all users share, so one user's requests would delay the decisions about other users.
func (b *handlerChain) limitAuthorization(next authorizer.Authorizer) authorizer.Authorizer {
	undecided := newConcurrencyLimiter(undecidedPerUser)
	return authorizer.AuthorizerFunc(func(ctx context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
		if isProbe(a.GetPath()) {
			return authorize(ctx, next, a)
		}
		name := "" // Of all anonymous clients.
		if u := a.GetUser(); !isAnonymous(u) {
			name = u.GetName()
		}
		if !undecided.acquire(name) {
			b.overload(ctx, refusedUndecided)
			return authorizer.DecisionNoOpinion, "too many requests of this user wait for authorization", nil
		}
		defer undecided.release(name)
		return authorize(ctx, next, a)
	})
}

// authorize returns what next decides, with a shorter error. The threat: the library writes the error into the response, and it may repeat what was sent.
func authorize(ctx context.Context, next authorizer.Authorizer, a authorizer.Attributes) (authorizer.Decision, string, error) {
	ctx, cancel, err := withoutReset(ctx)
	if err != nil {
		return authorizer.DecisionNoOpinion, "", err
	}
	defer cancel()
	decision, reason, err := next.Authorize(ctx, a)
	return decision, reason, truncateError(err)
}

// withUserShare keeps a part of all places for other users. The threat: the clients of one user that do not take their responses would hold all places of
// authorized requests. A long-running request, which is a watch, takes no place in the library: see withWatchLimit.
func (b *handlerChain) withUserShare(h http.Handler, maxInFlight int, isLongRunning apirequest.LongRunningRequestCheck) http.Handler {
	if maxInFlight <= 0 {
		return h
	}
	places := newConcurrencyLimiter(max(maxInFlight/userShares, 1))
	return b.withLimits(h, func(r *http.Request, info *apirequest.RequestInfo) (*concurrencyLimiter, *concurrencyLimiter) {
		if isLongRunning(r, info) {
			return nil, nil
		}
		return places, nil
	})
}

// withWatchLimit limits the watches of each user, and of all. The threat: the library does not count watches, which may last for ever. As many may run
// as other requests, and counted apart from these.
func (b *handlerChain) withWatchLimit(h http.Handler, maxInFlight int, isLongRunning apirequest.LongRunningRequestCheck) http.Handler {
	if maxInFlight <= 0 {
		return h
	}
	ofUser, ofAll := newConcurrencyLimiter(max(maxInFlight/userShares, 1)), newConcurrencyLimiter(maxInFlight)
	return b.withLimits(h, func(r *http.Request, info *apirequest.RequestInfo) (*concurrencyLimiter, *concurrencyLimiter) {
		if isLongRunning(r, info) {
			return ofUser, ofAll
		}
		return nil, nil
	})
}

// withLimits refuses requests that are too many of one user, or of all. Limits returns the two limits of a request; nil where there is none. Members of
// system:masters have no limit, as they have none in the library.
func (b *handlerChain) withLimits(h http.Handler, limits func(*http.Request, *apirequest.RequestInfo) (ofUser, ofAll *concurrencyLimiter)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u := userOf(r)
		info, found := apirequest.RequestInfoFrom(r.Context())
		if !found || slices.Contains(u.GetGroups(), user.SystemPrivilegedGroup) {
			h.ServeHTTP(w, r)
			return
		}
		ofUser, ofAll := limits(r, info)
		if !ofUser.acquire(u.GetName()) {
			b.refuse(w, refusedShare)
			return
		}
		defer ofUser.release(u.GetName())
		if !ofAll.acquire("") {
			b.refuse(w, refusedWatch)
			return
		}
		defer ofAll.release("")
		h.ServeHTTP(w, r)
	})
}

// userOf is the user for whom the request is served; a user without a name where there is none.
func userOf(r *http.Request) user.Info {
	if u, ok := apirequest.UserFrom(r.Context()); ok && u != nil {
		return u
	}
	return &user.DefaultInfo{}
}
