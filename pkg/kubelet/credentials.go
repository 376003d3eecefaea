package kubelet

import (
	"net/http"

	"k8s.io/client-go/transport"
)

// newCredentials returns a function that adds what authenticates to kubelets to the transport of a connection: a token, a password, or what a plugin
// returns. It returns an error where the configuration contradicts itself or has no token but that of an unreadable file.
func newCredentials(config *transport.Config) (func(http.RoundTripper) (http.RoundTripper, error), error) {
	if _, err := transport.HTTPWrappersForConfig(config, connTransport{}); err != nil {
		return nil, err
	}
	own := *config
	// All connections share one reader of the token file: client-go's own wrapper has one for each, and the token to use until the file is readable.
	file := transport.NewCachedFileTokenSource(own.BearerTokenFile)
	if _, err := file.Token(); err == nil {
		own.BearerToken, own.BearerTokenFile = "", ""
		own.Wrap(transport.TokenSourceWrapTransport(file))
	}
	return func(next http.RoundTripper) (http.RoundTripper, error) {
		return transport.HTTPWrappersForConfig(&own, next)
	}, nil
}
