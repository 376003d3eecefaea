package apiserver

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authorization/authorizer"
)

// TestFinishedRequestIsDropped checks that nothing that the client sent is kept of an HTTP/2 request, whose response may wait.
func TestFinishedRequestIsDropped(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodHead, "LONG"} {
		t.Run(method, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), method, "/apis?labelSelector=a", nil)
			r.ProtoMajor = 2
			r.Header = http.Header{"X-Long": {"a"}, "Authorization": {"b"}, "User-Agent": {"c"}, "X-Real-Ip": {"d"}}
			var inner *http.Request
			withDecision(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { inner = r })).ServeHTTP(httptest.NewRecorder(), r)
			if r.URL.String()+r.RequestURI != "" || len(r.Header) > 0 {
				t.Errorf("%q, %q and %v are left", r.URL, r.RequestURI, r.Header)
			}
			if wantHead := method == http.MethodHead; (r.Method == http.MethodHead) != wantHead || len(r.Method) > 4 || r.Method == "LONG" {
				t.Errorf("the method is %s", r.Method)
			}
			if inner.URL.RawQuery == "" || len(inner.Header) != 4 {
				t.Errorf("the request of the filters was changed: %v, %v", inner.URL, inner.Header)
			}
		})
	}
}

// TestStreamThatWasResetAsksNothing has a client reset its stream before its token is reviewed, and before it is authorized.
func TestStreamThatWasResetAsksNothing(t *testing.T) {
	ctx, reset := context.WithCancel(t.Context())
	reset()
	asked := 0
	b := &handlerChain{}
	authenticate := b.limitAuthentication(authenticator.RequestFunc(func(*http.Request) (*authenticator.Response, bool, error) {
		asked++
		return nil, false, nil
	}))
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/apis", nil)
	r.Header.Set("Authorization", "Bearer made-up")
	if _, ok, err := authenticate.AuthenticateRequest(r); ok || !errors.Is(err, context.Canceled) {
		t.Errorf("authenticated: %t, %v", ok, err)
	}
	authorize := b.limitAuthorization(authorizer.AuthorizerFunc(func(context.Context, authorizer.Attributes) (authorizer.Decision, string, error) {
		asked++
		return authorizer.DecisionAllow, "", nil
	}))
	if decision, _, err := authorize.Authorize(ctx, authorizer.AttributesRecord{Path: "/apis"}); decision == authorizer.DecisionAllow || !errors.Is(err, context.Canceled) {
		t.Errorf("authorized: %v, %v", decision, err)
	}
	if asked != 0 {
		t.Errorf("the API server was asked %d times", asked)
	}
}
