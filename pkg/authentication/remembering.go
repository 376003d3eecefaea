package authentication

import (
	"crypto/tls"
	"net/http"
	"time"

	utilcache "k8s.io/apimachinery/pkg/util/cache"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/authenticatorfactory"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/utils/clock"
)

// capacity is how many answers are remembered. Each keeps the certificates of its connection, some KiB.
const capacity = 256

// Remembering is an authenticator that gives the answer of another one again where nothing differs that it follows from but the time: on
// the same connection, whose client proved to have the certificate's key when it was made, with the same headers of a front proxy. It is
// safe for concurrent use.
type Remembering struct {
	next  authenticator.Request
	proxy *authenticatorfactory.RequestHeaderConfig
	// lifetime is for how long an answer is given again, at most: no longer than the client's certificates are valid.
	lifetime time.Duration
	clock    clock.Clock
	// known are responses by said.
	known *utilcache.LRUExpireCache
}

// said is what an answer follows from. It holds the connection's state, and so no later connection's can be at the same address.
type said struct {
	connection *tls.ConnectionState
	// headers are those in which a front proxy names its client.
	headers string
}

// NewRemembering has the answers of next given again for a time, for which an authority that is not trusted any more still is. The proxy
// tells the headers in which a front proxy names its client; nil where none is trusted.
func NewRemembering(next authenticator.Request, proxy *authenticatorfactory.RequestHeaderConfig, lifetime time.Duration, c clock.Clock) *Remembering {
	return &Remembering{
		next: next, proxy: proxy, lifetime: lifetime, clock: c,
		known: utilcache.NewLRUExpireCacheWithClock(capacity, c),
	}
}

// AuthenticateRequest implements authenticator.Request. Only clients that are known by their certificates are remembered: not those who
// show a token, are refused, or stay anonymous.
func (r *Remembering) AuthenticateRequest(req *http.Request) (*authenticator.Response, bool, error) {
	if !byCertificate(req) {
		return r.next.AuthenticateRequest(req)
	}
	// Before the answer, for which the authenticators may remove headers.
	key := said{connection: req.TLS, headers: proxyHeaders(req.Header, r.proxy)}
	if known, ok := r.known.Get(key); ok {
		return known.(*authenticator.Response), true, nil
	}
	response, ok, err := r.next.AuthenticateRequest(req)
	if err == nil && ok && response.User.GetName() != user.Anonymous {
		r.known.Add(key, response, min(r.lifetime, r.validity(req.TLS)))
	}
	return response, ok, err
}

// byCertificate is false where something else may say who the client is.
func byCertificate(req *http.Request) bool {
	return req.TLS != nil && len(req.TLS.PeerCertificates) > 0 &&
		req.Header.Get("Authorization") == "" && req.Header.Get("Sec-Websocket-Protocol") == ""
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
