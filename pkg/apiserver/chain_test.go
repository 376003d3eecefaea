package apiserver_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	genericapiserver "k8s.io/apiserver/pkg/server"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
)

// TestChainRespondsAsTheLibrarys sends servers with either chain the same requests.
func TestChainRespondsAsTheLibrarys(t *testing.T) {
	type change func(*genericapiserver.RecommendedConfig)
	tests := []struct {
		name, path string
		headers    map[string]string
		change     change
		code       int
	}{
		{name: "served", path: "v1/nodes", code: http.StatusOK},
		{name: "no such path", path: "v1/trees", code: http.StatusNotFound},
		{name: "a timeout that is none", path: "v1/nodes?timeout=soon", code: http.StatusBadRequest},
		{name: "not allowed", path: "v1/nodes", code: http.StatusForbidden, change: refusing("list")},
		{name: "impersonation", path: "v1/nodes", headers: map[string]string{"Impersonate-User": "ann"}, code: http.StatusOK},
		{
			name: "impersonation, not allowed", path: "v1/nodes", headers: map[string]string{"Impersonate-User": "ann"},
			code: http.StatusForbidden, change: refusing("impersonate"),
		},
		{
			name: "not authenticated", path: "v1/nodes", code: http.StatusUnauthorized,
			change: authenticating(func(*http.Request) (*authenticator.Response, bool, error) { return nil, false, errors.New("no token") }),
		},
		{
			name: "strict transport", path: "v1/nodes", code: http.StatusOK,
			change: func(c *genericapiserver.RecommendedConfig) { c.HSTSDirectives = []string{"max-age=31536000"} },
		},
		{
			name: "from another site", path: "v1/nodes", headers: map[string]string{"Origin": "https://example.com"}, code: http.StatusOK,
			change: func(c *genericapiserver.RecommendedConfig) { c.CorsAllowedOriginList = []string{"//example.com$"} },
		},
		{
			name: "--shutdown-send-retry-after", path: "v1/nodes", code: http.StatusOK,
			change: func(c *genericapiserver.RecommendedConfig) { c.ShutdownSendRetryAfter = true },
		},
		{
			name: "--shutdown-watch-termination-grace-period", path: "v1/nodes", code: http.StatusOK,
			change: func(c *genericapiserver.RecommendedConfig) { c.ShutdownWatchTerminationGracePeriod = time.Second },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var responses []*httptest.ResponseRecorder
			for _, chain := range []chain{nil, genericapiserver.DefaultBuildHandlerChain} {
				config := fakeCluster{}.config()
				if tt.change != nil {
					tt.change(config.Generic)
				}
				responses = append(responses, ask(t, handlerWith(t, config, chain), tt.path, tt.headers))
			}
			own, library := responses[0], responses[1]
			if own.Code != tt.code {
				t.Errorf("the code is %d, want %d", own.Code, tt.code)
			}
			if diff := cmp.Diff(library.Body.String(), own.Body.String()); diff != "" {
				t.Error(diff)
			}
			// Each request has an identity of its own.
			ignored := cmpopts.IgnoreMapEntries(func(name string, _ []string) bool { return name == "Audit-Id" })
			if diff := cmp.Diff(library.Header(), own.Header(), ignored); diff != "" || own.Header().Get("Audit-Id") == "" {
				t.Error(own.Header(), diff)
			}
		})
	}
}

// chain builds a chain of filters.
type chain func(http.Handler, *genericapiserver.Config) http.Handler

// handlerWith is the handler of a server with a chain other than its own, unless that is nil.
func handlerWith(t *testing.T, config *apiserver.Config, chain chain) http.Handler {
	t.Helper()
	completed := config.Complete()
	if chain != nil {
		config.Generic.BuildHandlerChainFunc = chain
	}
	server, err := completed.New("test")
	if err != nil {
		t.Fatal(err)
	}
	return server.Handler()
}

// refusing allows everything but verbs that begin with this one.
func refusing(verb string) func(*genericapiserver.RecommendedConfig) {
	return func(c *genericapiserver.RecommendedConfig) {
		c.Authorization.Authorizer = authorizer.AuthorizerFunc(func(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
			if strings.HasPrefix(a.GetVerb(), verb) {
				return authorizer.DecisionDeny, "not today", nil
			}
			return authorizer.DecisionAllow, "", nil
		})
	}
}

func ask(t *testing.T, h http.Handler, path string, headers map[string]string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, apisMetrics+path, nil)
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response := httptest.NewRecorder()
	h.ServeHTTP(response, request)
	return response
}
