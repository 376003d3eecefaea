package apiserver_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/server/healthz"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
)

// tenantConfig serves a home cluster and another one, west. "tenant" may read the pods of namespace shop, and, as everybody, what the roles
// system:discovery and system:public-info-viewer of Kubernetes allow.
func tenantConfig() *apiserver.Config {
	config := guardedConfig()
	west := apiserver.Cluster{
		Name: "west", Readers: *fakeCluster{}.readers(),
		Background:  []apiserver.Background{{Name: "collector-west", Start: func(context.Context) error { return errors.New("west is away") }}},
		ReadyChecks: []healthz.HealthChecker{healthz.NamedCheck("first-numbers", func(*http.Request) error { return errCold })},
	}
	config.Extra.Clusters = []apiserver.Cluster{west}
	config.Generic.Authorization.Authorizer = authorizer.AuthorizerFunc(
		func(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
			switch path := a.GetPath(); {
			case a.IsResourceRequest():
				if a.GetUser().GetName() == "tenant" && a.GetResource() == "pods" && a.GetNamespace() == "shop" {
					return authorizer.DecisionAllow, "", nil
				}
			case path == "/livez", path == "/readyz", path == "/healthz", path == "/version",
				path == "/apis", strings.HasPrefix(path, "/apis/"), path == "/openapi/v2", strings.HasPrefix(path, "/openapi/v3"):
				return authorizer.DecisionAllow, "", nil
			}
			return authorizer.DecisionNoOpinion, "", nil
		})
	return config
}

// getAs requests a path for a user in a content type.
func getAs(t *testing.T, h http.Handler, name, path, accept string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	request.Header.Set("Accept", accept)
	request.Header.Set("X-Test-User", name)
	response := httptest.NewRecorder()
	h.ServeHTTP(response, request)
	return response
}

// TestTenantLearnsOfItsNamespaceAlone sends what a client with rights in namespace shop can send. No response has the name of another namespace or of
// its pods, of a node but that of an own pod, in a table or where the pod has no usage, or of another cluster, unless the request has it.
func TestTenantLearnsOfItsNamespaceAlone(t *testing.T) {
	const own = apisMetrics + "v1/namespaces/shop/pods"
	tests := []struct {
		name, path string
		code       int
	}{
		{"own pods", own, http.StatusOK},
		{"an own pod", own + "/web", http.StatusOK},
		{"an own pod without usage", own + "/lost", http.StatusNotFound},
		{"an unknown pod", own + "/none", http.StatusNotFound},
		{"a label of another namespace's pod", own + "?labelSelector=app%3Dmail", http.StatusOK},
		{"all but own labels", own + "?labelSelector=app+notin+(db,lost,web)", http.StatusOK},
		{"another namespace by field", own + "?fieldSelector=metadata.namespace%3Doffice", http.StatusOK},
		{"not the own namespace by field", own + "?fieldSelector=metadata.namespace!%3Dshop", http.StatusOK},
		{"another namespace's pod by field", own + "?fieldSelector=metadata.name%3Dmail", http.StatusOK},
		{"a node by field", own + "?fieldSelector=spec.nodeName%3Dn1", http.StatusOK},
		{"an unknown field", own + "?fieldSelector=spec.hostIP%3D10.0.0.7", http.StatusBadRequest},
		{"a selector that cannot be parsed", own + "?labelSelector=a%3D%3D%3D", http.StatusBadRequest},
		{"all namespaces", apisMetrics + "v1/pods", http.StatusForbidden},
		{"all namespaces, own labels", apisMetrics + "v1/pods?labelSelector=app%3Dweb&fieldSelector=metadata.namespace%3Dshop", http.StatusForbidden},
		{"another namespace", apisMetrics + "v1/namespaces/office/pods", http.StatusForbidden},
		{"nodes", apisMetrics + "v1/nodes", http.StatusForbidden},
		{"a node", apisMetrics + "v1beta1/nodes/n1", http.StatusForbidden},
		{"probes", "/readyz?verbose", http.StatusInternalServerError},
		{"liveness", "/livez?verbose", http.StatusInternalServerError},
		{"health", "/healthz?verbose", http.StatusInternalServerError},
		{"one check", "/readyz/collector-west", http.StatusForbidden},
		{"metrics", "/metrics", http.StatusForbidden},
		{"the list of paths", "/", http.StatusForbidden},
		{"discovery", "/apis", http.StatusOK},
		{"an unknown group", "/apis/none", http.StatusNotFound},
		{"an unknown version", apisMetrics + "v9", http.StatusNotFound},
		{"OpenAPI", "/openapi/v2", http.StatusOK},
		{"the list of OpenAPI documents", "/openapi/v3", http.StatusOK},
		{"the version", "/version", http.StatusOK},
		{"clusters", "/clusters", http.StatusForbidden},
		{"another cluster", "/clusters/west/apis/metrics.k8s.io/v1/namespaces/shop/pods", http.StatusForbidden},
		{"readiness of another cluster", "/clusters/west/readyz", http.StatusForbidden},
	}
	h := handler(t, tenantConfig())
	for _, tt := range tests {
		for form, accept := range map[string]string{"JSON": asJSON, "a table": asTable + "," + asJSON, "protobuf": asProtobuf + "," + asJSON} {
			t.Run(tt.name+" as "+form, func(t *testing.T) {
				response := getAs(t, h, "tenant", tt.path, accept)
				if response.Code != tt.code {
					t.Errorf("code %d, want %d: %s", response.Code, tt.code, response.Body)
				}
				secrets := []string{"office", "mail", "n1", "west"}
				if form == "a table" && (tt.path == own || tt.path == own+"/web") {
					secrets = []string{"office", "mail", "n2", "west"} // Both pods run on n1.
				}
				for _, secret := range secrets {
					if !strings.Contains(tt.path, secret) && strings.Contains(response.Body.String(), secret) {
						t.Errorf("the response has %q: %s", secret, response.Body)
					}
				}
			})
		}
	}
}

// TestWhatExistsIsAnsweredAsWhatDoesNot compares the responses about what a tenant may not read with those about what does not exist.
func TestWhatExistsIsAnsweredAsWhatDoesNot(t *testing.T) {
	tests := []struct{ name, path, existing, other string }{
		{"a pod of another namespace", apisMetrics + "v1/namespaces/office/pods/X", "mail", "none"},
		{"another namespace", apisMetrics + "v1/namespaces/X/pods", "office", "absent"},
		{"a node", apisMetrics + "v1/nodes/X", "n1", "n9"},
		{"another cluster", "/clusters/X/apis", "west", "none"},
		{"a pod of another cluster", "/clusters/X/apis/metrics.k8s.io/v1/namespaces/shop/pods/web", "west", "none"},
		{"readiness of another cluster", "/clusters/X/readyz", "west", "none"},
		{"a check", "/readyz/X", "ping", "none"},
	}
	h := handler(t, tenantConfig())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var bodies [2]string
			for i, name := range []string{tt.existing, tt.other} {
				response := getAs(t, h, "tenant", strings.Replace(tt.path, "X", name, 1), asJSON)
				if response.Code != http.StatusForbidden {
					t.Errorf("code %d, want %d", response.Code, http.StatusForbidden)
				}
				bodies[i] = strings.ReplaceAll(response.Body.String(), name, "X")
			}
			if diff := cmp.Diff(bodies[1], bodies[0]); diff != "" {
				t.Errorf("a client can tell them apart (-absent +existing):\n%s", diff)
			}
		})
	}
}

// TestListOfPathsNamesNoCluster has the right to the list of paths alone.
func TestListOfPathsNamesNoCluster(t *testing.T) {
	h := handler(t, withWest(fakeCluster{}.readers()))
	response := get(t.Context(), h, "/", asJSON)
	if response.Code != http.StatusOK || !strings.Contains(response.Body.String(), "/readyz") || strings.Contains(response.Body.String(), "/clusters/") {
		t.Errorf("code %d, %s", response.Code, response.Body)
	}
}

// TestWorkOfAnotherClusterIsItsOwn has the work of another cluster fail: that cluster is not ready, and nothing is said of it elsewhere.
func TestWorkOfAnotherClusterIsItsOwn(t *testing.T) {
	config := tenantConfig()
	config.Generic.Authorization.Authorizer = fakeCluster{}.config().Generic.Authorization.Authorizer
	config.Extra.Clusters[0].ReadyChecks = nil
	client, host := serve(t, config)
	await(t, client, host+"/clusters/west/readyz", http.StatusInternalServerError, "[-]collector-west failed")
	await(t, client, host+"/readyz", http.StatusOK, "ok")
	for _, path := range []string{"/readyz?verbose", "/livez?verbose"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, host+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if body, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK || strings.Contains(string(body), "west") {
			t.Errorf("GET %s: %s %s, %v", path, response.Status, body, err)
		}
	}
}
