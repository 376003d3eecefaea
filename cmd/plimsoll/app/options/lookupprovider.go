package options

import (
	"context"
	"crypto/x509"
	"net/http"
	"slices"

	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/authenticatorfactory"
	"k8s.io/apiserver/pkg/authentication/request/anonymous"
	"k8s.io/apiserver/pkg/authentication/request/headerrequest"
	"k8s.io/apiserver/pkg/server/dynamiccertificates"
)

// The server needs its authentication when it is built, so the lookup implements the library's interfaces itself and delegates to its result.
// Before then it has no CAs and no headers: the library accepts no certificate then.
var (
	_ dynamiccertificates.CAContentProvider = &lookup{}
	_ dynamiccertificates.ControllerRunner  = &lookup{}
)

// Name implements dynamiccertificates.CAContentProvider.
func (l *lookup) Name() string { return "authentication-lookup" }

// CurrentCABundleContent implements dynamiccertificates.CAContentProvider.
func (l *lookup) CurrentCABundleContent() []byte {
	if f := l.result.Load(); f != nil && f.ca != nil {
		return f.ca.CurrentCABundleContent()
	}
	return nil
}

// VerifyOptions implements dynamiccertificates.CAContentProvider.
func (l *lookup) VerifyOptions() (x509.VerifyOptions, bool) {
	if f := l.result.Load(); f != nil && f.ca != nil {
		return f.ca.VerifyOptions()
	}
	return x509.VerifyOptions{}, false
}

// AddListener implements dynamiccertificates.Notifier.
func (l *lookup) AddListener(listener dynamiccertificates.Listener) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.listeners = append(l.listeners, listener)
	if f := l.result.Load(); f != nil && f.ca != nil {
		f.ca.AddListener(listener)
	}
}

// RunOnce implements dynamiccertificates.ControllerRunner. It does nothing: Run looks up at once.
func (l *lookup) RunOnce(context.Context) error { return nil }

// authenticator refuses every request until clients can be authenticated, except on the paths that need no authorization.
func (l *lookup) authenticator(open []string) authenticator.Request {
	anonymousUser := anonymous.NewAuthenticator(nil)
	return authenticator.RequestFunc(func(r *http.Request) (*authenticator.Response, bool, error) {
		if f := l.ready(); f != nil {
			return f.info.Authenticator.AuthenticateRequest(r)
		}
		if slices.Contains(open, r.URL.Path) {
			return anonymousUser.AuthenticateRequest(r)
		}
		return nil, false, nil
	})
}

// headers are the request headers in which the front proxy passes its client's identity, once they are known.
func (l *lookup) headers() *authenticatorfactory.RequestHeaderConfig {
	type config = *authenticatorfactory.RequestHeaderConfig
	provider := func(of func(config) headerrequest.StringSliceProvider) headerrequest.StringSliceProvider {
		return headerrequest.StringSliceProviderFunc(func() []string {
			if f := l.result.Load(); f != nil && f.info.RequestHeaderConfig != nil {
				if p := of(f.info.RequestHeaderConfig); p != nil {
					return p.Value()
				}
			}
			return nil
		})
	}
	return &authenticatorfactory.RequestHeaderConfig{
		CAContentProvider:   l,
		UsernameHeaders:     provider(func(c config) headerrequest.StringSliceProvider { return c.UsernameHeaders }),
		UIDHeaders:          provider(func(c config) headerrequest.StringSliceProvider { return c.UIDHeaders }),
		GroupHeaders:        provider(func(c config) headerrequest.StringSliceProvider { return c.GroupHeaders }),
		ExtraHeaderPrefixes: provider(func(c config) headerrequest.StringSliceProvider { return c.ExtraHeaderPrefixes }),
		AllowedClientNames:  provider(func(c config) headerrequest.StringSliceProvider { return c.AllowedClientNames }),
	}
}
