package apiserver

import (
	"errors"
	"net"
	"net/http"

	"k8s.io/apiserver/pkg/authentication/authenticator"
)

// reviewsPerAddress is how many requests with a token may wait at once, for each address, until the API server has reviewed it.
const reviewsPerAddress = 50

// limitAuthentication bounds what a client makes an authenticator do, and notes whom it has authenticated. The threats: one address that sends made-up
// tokens keeps the client of the API server busy, and with it the reviews of other clients; and the library logs errors that repeat what was
// sent, at any length. A front proxy sends no tokens.
func (b *handlerChain) limitAuthentication(next authenticator.Request) authenticator.Request {
	reviews := newConcurrencyLimiter(reviewsPerAddress)
	return authenticator.RequestFunc(func(r *http.Request) (*authenticator.Response, bool, error) {
		growStack()
		if hasToken(r) {
			address := hostOf(r.RemoteAddr)
			if !reviews.acquire(address) {
				b.overload(r.Context(), refusedReview)
				return nil, false, nil
			}
			defer reviews.release(address)
			ctx, cancel, err := withoutReset(r.Context())
			if err != nil {
				return nil, false, err
			}
			defer cancel()
			r = r.WithContext(ctx)
		}
		response, ok, err := next.AuthenticateRequest(r)
		if err == nil && ok {
			b.noteUser(r, response)
		}
		return response, ok, truncateError(err)
	})
}

// noteUser has the limits of authenticated clients hold for the connection and the request, unless the client is anonymous.
func (b *handlerChain) noteUser(r *http.Request, response *authenticator.Response) {
	if isAnonymous(response.User) {
		return
	}
	name := response.User.GetName()
	decisionOf(r.Context()).user.Store(&name)
	if b.connections != nil {
		b.connections.identify(r.RemoteAddr)
	}
}

// hasToken is true of requests for which the library may have a token reviewed.
func hasToken(r *http.Request) bool {
	return len(r.Header["Authorization"]) > 0 || len(r.Header["Sec-Websocket-Protocol"]) > 0
}

// hostOf is an address without its port.
func hostOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return host
}

// truncateError returns err, or one with a shorter text; nil for nil.
func truncateError(err error) error {
	if err == nil || len(err.Error()) <= maxSent {
		return err
	}
	return errors.New(truncate(err.Error()))
}
