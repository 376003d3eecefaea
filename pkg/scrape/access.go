package scrape

import (
	"fmt"
	"net/http"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/transport"

	"github.com/plimsoll/plimsoll/pkg/target"
)

// Access says how kubelets are spoken to.
type Access struct {
	// CAFile holds the authorities that sign kubelets' certificates; empty for the cluster's own.
	CAFile string
	// CertFile and KeyFile prove to a kubelet who we are, instead of the cluster's token; both or none.
	CertFile, KeyFile string
	// InsecureTLS leaves kubelets' certificates unverified.
	InsecureTLS bool
	// Plain speaks HTTP without any credentials, to a read-only port.
	Plain bool
	// Policy decides to which addresses a connection may be made.
	Policy target.Policy
}

// HTTPClient returns a client for kubelets with the credentials of the cluster. Tokens and client certificates that are
// files are read again when they change. It follows no redirects and no proxies, so that credentials go nowhere else.
func (a Access) HTTPClient(cluster *rest.Config) (*http.Client, error) {
	roundTripper, err := a.roundTripper(cluster)
	if err != nil {
		return nil, fmt.Errorf("build the connection to kubelets: %w", err)
	}
	return &http.Client{
		Transport:     roundTripper,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

func (a Access) roundTripper(cluster *rest.Config) (http.RoundTripper, error) {
	if a.Plain {
		return newConnector(nil, newGuard(a.Policy).dial), nil
	}
	// This is where an exec plugin comes in: it wraps the dialer, to close the connections of credentials that it replaces.
	config, err := a.restConfig(cluster).TransportConfig()
	if err != nil {
		return nil, err
	}
	trust, err := newTrust(config)
	if err != nil {
		return nil, err
	}
	return transport.HTTPWrappersForConfig(config, newConnector(trust, config.DialHolder.Dial))
}

func (a Access) restConfig(cluster *rest.Config) *rest.Config {
	c := rest.CopyConfig(cluster)
	c.Dial = newGuard(a.Policy).dial
	// The name is the API server's, and one connection a node gains nothing from HTTP/2.
	c.TLSClientConfig.ServerName = ""
	c.TLSClientConfig.NextProtos = []string{"http/1.1"}
	c.DisableCompression = true
	// How the API server is trusted says nothing of kubelets: only our own flag leaves them unverified.
	c.TLSClientConfig.Insecure = a.InsecureTLS
	if a.CAFile != "" {
		c.TLSClientConfig.CAFile, c.TLSClientConfig.CAData = a.CAFile, nil
	}
	if a.InsecureTLS {
		c.TLSClientConfig.CAFile, c.TLSClientConfig.CAData = "", nil
	}
	if a.CertFile != "" {
		c = withClientCertificate(c, a.CertFile, a.KeyFile)
	}
	return c
}

// withClientCertificate replaces every other credential: a token is not shown to kubelets that need none.
func withClientCertificate(c *rest.Config, certFile, keyFile string) *rest.Config {
	tls := c.TLSClientConfig
	tls.CertFile, tls.KeyFile, tls.CertData, tls.KeyData = certFile, keyFile, nil, nil
	out := rest.AnonymousClientConfig(c)
	out.TLSClientConfig = tls
	out.DisableCompression = c.DisableCompression
	return out
}
