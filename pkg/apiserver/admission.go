package apiserver

import (
	"math"
	"net"
	"net/http"
	"slices"

	"k8s.io/apiserver/pkg/authentication/user"
	apirequest "k8s.io/apiserver/pkg/endpoints/request"
)

const (
	// undecidedEach is how many requests of anonymous clients, all together, may wait for authorization or for the client to take a refusal. It is a
	// quarter of what the client of the API server sends a second. It is also how many refusals may wait to be taken by the clients of any other user.
	undecidedEach = 50
	// reviewsEach is how many requests with a token may wait at once, for each address, until the API server has reviewed it.
	reviewsEach = 50
	// unauthenticatedMax is how many answers to clients whose credentials were refused may wait to be taken.
	unauthenticatedMax = 50
	// shareOfUser is which part of the places of authorized requests one user may hold: 1/shareOfUser.
	shareOfUser = 2
)

// withUndecidedLimit limits the requests of each user that are not authorized, or not yet. The place is given back when the request is
// authorized, otherwise when the client has taken the refusal, for which there are seconds. So one user's refused requests cost other users
// nothing, and wait in no queue of theirs to the API server for longer than it takes to review as many of them as may wait. A user who has been
// authenticated may have as many that are not decided as may be in flight afterwards, of which there are all for all users.
func (b *chain) withUndecidedLimit(h http.Handler, all int) http.Handler {
	anonymous, known, untaken := newPlaces(undecidedEach), newPlaces(undecidedOfKnown(all)), newPlaces(undecidedEach)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isProbe(r) {
			h.ServeHTTP(w, r)
			return
		}
		name, undecided := userOf(r).GetName(), known
		if isAnonymous(userOf(r)) {
			undecided = anonymous
		}
		if !undecided.take(name) {
			b.refuse(w, r, refusedUndecided)
			return
		}
		u := &undecidedWriter{ResponseWriter: w, giveBack: func() { undecided.giveBack(name) }}
		if undecided == known {
			u.untaken = func() (giveBack func(), ok bool) {
				return func() { untaken.giveBack(name) }, untaken.take(name)
			}
		}
		defer u.end()
		h.ServeHTTP(u, r)
		u.finish(r)
	})
}

// undecidedOfKnown is how many requests of an authenticated user may wait for authorization: as many as may be in flight when they are authorized.
func undecidedOfKnown(all int) int {
	if all <= 0 {
		return math.MaxInt
	}
	return max(all/shareOfUser, undecidedEach)
}

// isAnonymous is true of all who have not been authenticated.
func isAnonymous(u user.Info) bool {
	return u.GetName() == "" || slices.Contains(u.GetGroups(), user.AllUnauthenticated)
}

// withDecision is reached by authorized requests alone, and ends what withUndecidedLimit began.
func withDecision(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if u, ok := w.(*undecidedWriter); ok {
			u.end()
			w = u.ResponseWriter
		}
		h.ServeHTTP(w, r)
	})
}

// withReviewLimit limits the requests of each address that wait for the review of a token. A front proxy sends none.
func (b *chain) withReviewLimit(h http.Handler) http.Handler {
	reviews := newPlaces(reviewsEach)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.Header["Authorization"]) == 0 && len(r.Header["Sec-Websocket-Protocol"]) == 0 {
			h.ServeHTTP(w, r)
			return
		}
		address, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			address = r.RemoteAddr
		}
		if !reviews.take(address) {
			b.refuse(w, r, refusedReview)
			return
		}
		u := &undecidedWriter{ResponseWriter: w, giveBack: func() { reviews.giveBack(address) }}
		defer u.end()
		h.ServeHTTP(u, r)
	})
}

// withUnauthenticatedLimit limits the answers to clients whose credentials were refused.
func (b *chain) withUnauthenticatedLimit(failed http.Handler) http.Handler {
	answers := newPlaces(unauthenticatedMax)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if u, ok := w.(*undecidedWriter); ok {
			u.end()
			w = u.ResponseWriter
		}
		if !answers.take("") {
			b.refuse(w, r, refusedUnauthenticated)
			return
		}
		u := &undecidedWriter{ResponseWriter: w, giveBack: func() { answers.giveBack("") }}
		defer u.end()
		failed.ServeHTTP(u, r)
		u.finish(r)
	})
}

// withUserShare keeps a part of all places for other users, where one user's clients do not take their answers. Those who may do everything
// have no limit, as they have none in the library.
func (b *chain) withUserShare(h http.Handler, all int) http.Handler {
	if all <= 0 {
		return h
	}
	share := newPlaces(max(all/shareOfUser, 1))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u := userOf(r)
		if slices.Contains(u.GetGroups(), user.SystemPrivilegedGroup) {
			h.ServeHTTP(w, r)
			return
		}
		name := u.GetName()
		if !share.take(name) {
			b.refuse(w, r, refusedShare)
			return
		}
		defer share.giveBack(name)
		h.ServeHTTP(w, r)
	})
}

// userOf is who sent the request, or wants to be; a user without a name where that is not known.
func userOf(r *http.Request) user.Info {
	if u, ok := apirequest.UserFrom(r.Context()); ok && u != nil {
		return u
	}
	return &user.DefaultInfo{}
}
