package apiserver_test

import (
	"context"
	"net/http"
	"testing"

	"k8s.io/apiserver/pkg/authorization/authorizer"
)

// TestFurtherPathsAreAuthorized serves a path to clients that may get it, and to no others.
func TestFurtherPathsAreAuthorized(t *testing.T) {
	for path, want := range map[string]int{"/debug/sinks": http.StatusOK, "/debug/others": http.StatusForbidden} {
		config := fakeCluster{}.config()
		config.Extra.Handlers = map[string]http.Handler{path: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("secret"))
		})}
		var asked []string
		config.Generic.Authorization.Authorizer = authorizer.AuthorizerFunc(func(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
			asked = append(asked, a.GetVerb()+" "+a.GetPath())
			if a.GetPath() == "/debug/sinks" {
				return authorizer.DecisionAllow, "", nil
			}
			return authorizer.DecisionDeny, "", nil
		})
		response := get(t.Context(), handler(t, config), path, "*/*")
		if response.Code != want || (response.Body.String() == "secret") != (want == http.StatusOK) || len(asked) != 1 || asked[0] != "get "+path {
			t.Errorf("%s: status %d, body %q, authorized %q", path, response.Code, response.Body, asked)
		}
	}
}
