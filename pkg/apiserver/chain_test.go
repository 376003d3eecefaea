package apiserver_test

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	genericapiserver "k8s.io/apiserver/pkg/server"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
)

// leftOut are the filters of the library's chain that Plimsoll's does without, and why nobody misses them.
var leftOut = map[string]string{
	"WithWatchTerminationDuringShutdown": "the library's chain is used for it",
	"WithRetryAfter":                     "the library's chain is used for it",
	"WithTracing":                        "no flag sets a tracer",
	"WithRoutine":                        "there is no watch",
	"WithMuxAndDiscoveryComplete":        "all paths are there before the server listens",
}

// added are the filters that the library's chain has not, and what they are against.
var added = map[string]string{
	"withTimedOut":             "belongs to withCutOff",
	"withDecision":             "belongs to withUndecidedLimit",
	"withUndecidedLimit":       "refused requests that hold places of authorized ones",
	"withUserShare":            "one user's requests that hold all places",
	"withUnauthenticatedLimit": "refusals that are not taken",
	"withKnownConnection":      "belongs to withReviewLimit, and to the limit of connections",
	"withReviewLimit":          "one address that keeps the API server busy with tokens",
	"withProbeLimit":           "probes that are not taken",
	"withRequestBounds":        "texts that are repeated in answers and logs",
	"withFinalDeadline":        "bodies that never come",
	"WithMaxInFlightLimit":     "comes after authorization: see below",
	"WithPriorityAndFairness":  "comes after authorization: see below",
}

// TestChainIsTheLibrarys fails where a new version of the library has a filter that this one does not know, or another order.
func TestChainIsTheLibrarys(t *testing.T) {
	_, at, _, _ := runtime.Caller(0)
	own := filtersOf(t, strings.TrimSuffix(at, "_test.go")+".go", "withInFlightLimit", "withImpersonation", "withAuthentication", "build")
	for name := range added {
		if !slices.Contains(own, name) {
			t.Errorf("there is no filter %s any more", name)
		}
	}
	for _, limit := range []string{"WithPriorityAndFairness", "WithMaxInFlightLimit"} {
		if slices.Index(own, limit) > slices.Index(own, "WithAuthorization") {
			t.Errorf("%s is around authorization: refused requests would hold places of authorized ones", limit)
		}
	}
	if i := slices.Index(own, "withCutOff"); i >= 0 {
		own[i] = "WithTimeoutForNonLongRunningRequests" // It stands for that, with withTimedOut.
	}
	own = slices.DeleteFunc(own, func(name string) bool { return added[name] != "" })

	build := runtime.FuncForPC(reflect.ValueOf(genericapiserver.DefaultBuildHandlerChain).Pointer())
	file, _ := build.FileLine(build.Entry())
	library := filtersOf(t, file, "DefaultBuildHandlerChain")
	for _, names := range []map[string]string{leftOut, {"WithMaxInFlightLimit": "", "WithPriorityAndFairness": ""}} {
		for name := range names {
			if !slices.Contains(library, name) {
				t.Errorf("the library has no filter %s any more", name)
			}
		}
	}
	library = slices.DeleteFunc(library, func(name string) bool { return leftOut[name] != "" || added[name] != "" })
	if diff := cmp.Diff(library, own); diff != "" {
		t.Errorf("the library's filters less those left out, and ours: %s", diff)
	}
}

// filtersOf are the names of the filters that functions of a file call, in their order. A function calls those that were named before it.
func filtersOf(t *testing.T, file string, functions ...string) (names []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	inner := map[string][]string{}
	for _, function := range functions {
		inner[function] = calls(parsed, function, inner)
	}
	return inner[functions[len(functions)-1]]
}

func calls(file *ast.File, function string, inner map[string][]string) (names []string) {
	body, ok := first(file.Decls, func(d ast.Decl) bool {
		f, ok := d.(*ast.FuncDecl)
		return ok && f.Name.Name == function
	})
	if !ok {
		return nil
	}
	ast.Inspect(body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		name := ""
		switch f := call.Fun.(type) {
		case *ast.Ident:
			name = f.Name
		case *ast.SelectorExpr:
			name = f.Sel.Name
		}
		switch {
		case inner[name] != nil:
			names = append(names, inner[name]...)
		case strings.HasPrefix(strings.ToLower(name), "with") || name == "Unauthorized":
			names = append(names, name)
		}
		return true
	})
	return names
}

// TestChainAnswersAsTheLibrarys asks servers with either chain the same.
func TestChainAnswersAsTheLibrarys(t *testing.T) {
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
		{name: "for somebody else", path: "v1/nodes", headers: map[string]string{"Impersonate-User": "ann"}, code: http.StatusOK},
		{
			name: "for somebody else, not allowed", path: "v1/nodes", headers: map[string]string{"Impersonate-User": "ann"},
			code: http.StatusForbidden, change: refusing("impersonate"),
		},
		{
			name: "nobody", path: "v1/nodes", code: http.StatusUnauthorized,
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
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var answers []*httptest.ResponseRecorder
			for _, chain := range []chain{nil, genericapiserver.DefaultBuildHandlerChain} {
				config := world{}.config()
				if tt.change != nil {
					tt.change(config.Generic)
				}
				answers = append(answers, ask(t, handlerWith(t, config, chain), tt.path, tt.headers))
			}
			own, library := answers[0], answers[1]
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

// handlerWith is what a server answers with a chain other than its own, unless that is nil.
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
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, request)
	return answer
}
