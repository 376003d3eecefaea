package kubelet

import (
	"net/http"

	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/transport"
)

// credentials add what authenticates to kubelets to the requests of each connection: a token, a password, or what a plugin returns.
type credentials struct {
	// config has no token file.
	config transport.Config
	// tokenFile is nil where the cluster has no token file.
	tokenFile transport.ResettableTokenSource
}

// newCredentials returns those of a client configuration. It returns an error where they contradict each other or the token file is unreadable.
func newCredentials(config *transport.Config) (*credentials, error) {
	if _, err := transport.HTTPWrappersForConfig(config, connTransport{}); err != nil {
		return nil, err
	}
	c := &credentials{config: *config}
	if config.BearerTokenFile != "" {
		c.tokenFile = transport.NewCachedFileTokenSource(config.BearerTokenFile)
		c.config.BearerToken, c.config.BearerTokenFile = "", ""
		c.config.Wrap(c.withToken(config.BearerToken))
	}
	return c, nil
}

// wrap returns a transport that adds the credentials to requests and sends them through another one.
func (c *credentials) wrap(next http.RoundTripper) (http.RoundTripper, error) {
	return transport.HTTPWrappersForConfig(&c.config, next)
}

// withToken returns a wrapper that adds the token of the file, or a fallback while the file cannot be read. All connections share one
// reader of the file: client-go's own wrapper would have one for each.
func (c *credentials) withToken(fallback string) transport.WrapperFunc {
	return func(next http.RoundTripper) http.RoundTripper {
		return &bearerToken{file: c.tokenFile, fallback: fallback, next: next}
	}
}

type bearerToken struct {
	file     transport.ResettableTokenSource
	fallback string
	next     http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (b *bearerToken) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Header.Get("Authorization") != "" {
		return b.next.RoundTrip(r)
	}
	token := b.fallback
	if fresh, err := b.file.Token(); err == nil {
		token = fresh.AccessToken
	}
	r = utilnet.CloneRequest(r)
	r.Header.Set("Authorization", "Bearer "+token)
	return b.next.RoundTrip(r)
}
