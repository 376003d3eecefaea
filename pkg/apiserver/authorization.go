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
// authorized requests. Members of system:masters have no limit, as they have none in the library. A long-running request, which is a watch, takes no place in the
// library and may last for ever: a user may have as many of them as other requests, which are counted apart.
func (b *handlerChain) withUserShare(h http.Handler, maxInFlight int, isLongRunning apirequest.LongRunningRequestCheck) http.Handler {
	if maxInFlight <= 0 {
		return h
	}
	most := max(maxInFlight/userShares, 1)
	places, watches := newConcurrencyLimiter(most), newConcurrencyLimiter(most)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u := userOf(r)
		if slices.Contains(u.GetGroups(), user.SystemPrivilegedGroup) {
			h.ServeHTTP(w, r)
			return
		}
		name, share := u.GetName(), places
		if info, ok := apirequest.RequestInfoFrom(r.Context()); ok && isLongRunning(r, info) {
			share = watches
		}
		if !share.acquire(name) {
			b.refuse(w, refusedShare)
			return
		}
		defer share.release(name)
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
