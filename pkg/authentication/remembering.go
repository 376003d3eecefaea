package authentication

import (
	"crypto/tls"
	"net/http"
	"time"
	"weak"

	utilcache "k8s.io/apimachinery/pkg/util/cache"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/authenticatorfactory"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/utils/clock"
)

// capacity is how many answers are remembered. What has expired stays until others take its place; with its headers each has some KiB.
const capacity = 256

// Remembering is an authenticator that gives the answer of another one again on the same connection, whose client proved to have the
// certificate's key when it was made, and with the same headers of a front proxy. It is safe for concurrent use.
type Remembering struct {
	next  authenticator.Request
	proxy *authenticatorfactory.RequestHeaderConfig
	// lifetime is for how long an answer is given again, at most: no longer than the client's certificates are valid.
	lifetime time.Duration
	clock    clock.Clock
	// known are responses by said.
	known *utilcache.LRUExpireCache
}

// said is what a client says of itself. A weak pointer keeps nothing of a connection that is over, and is never equal to that of another.
type said struct {
	connection weak.Pointer[tls.ConnectionState]
	// headers are those in which a front proxy names its client.
	headers string
}

// NewRemembering has the answers of next given again for a lifetime, even where the authorities, the names of proxies that are allowed or
// the names of their headers have changed meanwhile. The proxy tells the headers in which a front proxy names its client; nil where none
// is trusted.
func NewRemembering(next authenticator.Request, proxy *authenticatorfactory.RequestHeaderConfig, lifetime time.Duration, c clock.Clock) *Remembering {
	return &Remembering{
		next: next, proxy: proxy, lifetime: lifetime, clock: c,
		known: utilcache.NewLRUExpireCacheWithClock(capacity, c),
	}
}

// AuthenticateRequest implements authenticator.Request. Only clients that are known by their certificates are remembered: not those who
// show a token, are refused, or stay anonymous.
func (r *Remembering) AuthenticateRequest(req *http.Request) (*authenticator.Response, bool, error) {
	// Before the answer, for which the authenticators may remove headers.
	key, ok := r.said(req)
	if !ok {
		return r.next.AuthenticateRequest(req)
	}
	if known, ok := r.known.Get(key); ok {
		return known.(*authenticator.Response), true, nil
	}
	response, ok, err := r.next.AuthenticateRequest(req)
	if err == nil && ok && response.User.GetName() != user.Anonymous {
		r.known.Add(key, response, min(r.lifetime, r.validity(req.TLS)))
	}
	return response, ok, err
}

// said is false where something else may say who the client is, or where it is too much to be kept.
func (r *Remembering) said(req *http.Request) (said, bool) {
	certificate := req.TLS != nil && len(req.TLS.PeerCertificates) > 0
	if !certificate || len(req.Header["Authorization"]) > 0 || len(req.Header["Sec-Websocket-Protocol"]) > 0 {
		return said{}, false
	}
	headers, ok := proxyHeaders(req.Header, r.proxy)
	return said{connection: weak.Make(req.TLS), headers: headers}, ok
}

// validity is for how long all certificates that the client sent are still valid.
func (r *Remembering) validity(connection *tls.ConnectionState) time.Duration {
	end := connection.PeerCertificates[0].NotAfter
	for _, c := range connection.PeerCertificates {
		if c.NotAfter.Before(end) {
			end = c.NotAfter
		}
	}
	return end.Sub(r.clock.Now())
}
