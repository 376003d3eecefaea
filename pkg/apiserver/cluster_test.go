package apiserver_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/server/healthz"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/openapi3"
	"k8s.io/client-go/rest"
	"k8s.io/metrics/pkg/apis/metrics/v1beta1"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
)

// withWest is a configuration with another cluster, which is not ready.
func withWest(home *apiserver.Readers) *apiserver.Config {
	config := fakeCluster{}.config()
	config.Extra.Home = home
	config.Extra.Clusters = []apiserver.Cluster{{
		Name: "west", Readers: *fakeCluster{notReady: errCold}.readers(),
		ReadyChecks: []healthz.HealthChecker{healthz.NamedCheck("first-metrics", func(*http.Request) error { return errCold })},
	}, {
		Name: "east", Readers: *fakeCluster{}.readers(),
	}}
	return config
}

func TestClustersAreServedBelowTheirPath(t *testing.T) {
	tests := []struct {
		path string
		code int
	}{
		{"/apis/metrics.k8s.io/v1/nodes", 200},
		{"/clusters/east/apis", 200},
		{"/clusters/east/apis/metrics.k8s.io", 200},
		{"/clusters/east/apis/metrics.k8s.io/v1", 200},
		{"/clusters/east/apis/metrics.k8s.io/v1/nodes", 200},
		{"/clusters/east/apis/metrics.k8s.io/v1beta1/nodes/n1", 200},
		{"/clusters/east/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods", 200},
		{"/clusters/east/apis/metrics.k8s.io/v1/namespaces/shop/pods/lost", 404},
		{"/clusters/east/openapi/v2", 200},
		{"/clusters/east/openapi/v3", 200},
		{"/clusters/east/openapi/v3/apis/metrics.k8s.io/v1", 200},
		{"/clusters/east/readyz", 200},
		{"/clusters/west/apis", 200},
		{"/clusters/west/apis/metrics.k8s.io/v1/nodes", 503},
		{"/clusters/west/readyz", 500},
		{"/readyz/ping", 200},
		{"/clusters/west/metrics", 404},
		{"/clusters/west/", 404},
		{"/clusters/west/healthz", 404},
		{"/clusters/north/apis", 404},
		{"/clusters/east", 404},
	}
	h := handler(t, withWest(fakeCluster{}.readers()))
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			response := get(t.Context(), h, tt.path, "application/json")
			if response.Code != tt.code {
				t.Errorf("code %d, want %d: %s", response.Code, tt.code, response.Body)
			}
			if strings.Contains(tt.path, "/west/") && strings.Contains(response.Body.String(), "/clusters/east") {
				t.Errorf("names another cluster: %s", response.Body)
			}
		})
	}
}

// TestClusterIsServedLikeTheHomeCluster compares the two, byte for byte, in every form that clients ask for.
func TestClusterIsServedLikeTheHomeCluster(t *testing.T) {
	h := handler(t, withWest(fakeCluster{}.readers()))
	for _, path := range []string{
		"/apis/metrics.k8s.io/v1/nodes", "/apis/metrics.k8s.io/v1beta1/pods", "/apis/metrics.k8s.io/v1/namespaces/shop/pods/web",
		"/apis/metrics.k8s.io/v1/namespaces/shop/pods?labelSelector=app%3Dweb", "/apis/metrics.k8s.io", "/apis",
	} {
		for _, accept := range []string{
			"application/json", "application/vnd.kubernetes.protobuf", "application/json;as=Table;v=v1;g=meta.k8s.io",
			"application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
		} {
			t.Run(path+" as "+accept, func(t *testing.T) {
				home, east := get(t.Context(), h, path, accept), get(t.Context(), h, "/clusters/east"+path, accept)
				if diff := cmp.Diff(home.Body.String(), east.Body.String()); diff != "" || home.Code != east.Code {
					t.Errorf("%d and %d (-home +east):\n%s", home.Code, east.Code, diff)
				}
			})
		}
	}
}

// TestWithoutAHomeCluster serves other clusters alone.
func TestWithoutAHomeCluster(t *testing.T) {
	h := handler(t, withWest(nil))
	for path, code := range map[string]int{
		"/apis": 200, "/apis/metrics.k8s.io/v1/nodes": 404, "/apis/metrics.k8s.io": 404, "/readyz/ping": 200,
		"/clusters/east/apis/metrics.k8s.io/v1/nodes": 200,
	} {
		if response := get(t.Context(), h, path, "application/json"); response.Code != code {
			t.Errorf("%s code %d, want %d: %s", path, response.Code, code, response.Body)
		}
	}
}

// asked records what is to be decided, and refuses it.
type asked struct {
	mu    sync.Mutex
	paths []string
}

func (a *asked) authorize(_ context.Context, what authorizer.Attributes) (authorizer.Decision, string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if what.IsResourceRequest() {
		a.paths = append(a.paths, "resource "+what.GetResource())
	}
	a.paths = append(a.paths, what.GetVerb()+" "+what.GetPath())
	return authorizer.DecisionDeny, "", nil
}

// TestPathOfAClusterIsNoResource has the home cluster be asked about paths, so that rights at home give none elsewhere.
func TestPathOfAClusterIsNoResource(t *testing.T) {
	config, auditRecord := withWest(fakeCluster{}.readers()), &asked{}
	config.Generic.Authorization.Authorizer = authorizer.AuthorizerFunc(auditRecord.authorize)
	h := handler(t, config)
	paths := []string{"/clusters/east/apis", "/clusters/east/apis/metrics.k8s.io/v1/pods", "/clusters/east/readyz", "/clusters/east/openapi/v2"}
	var want []string
	for _, path := range paths {
		if response := get(t.Context(), h, path, "application/json"); response.Code != http.StatusForbidden {
			t.Errorf("%s: code %d", path, response.Code)
		}
		want = append(want, "get "+path)
	}
	if diff := cmp.Diff(want, auditRecord.paths); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

// TestDiscoveryLeadsClientsToTheAPI uses client-go's own discovery and OpenAPI clients with the cluster's path as the server's address.
func TestDiscoveryLeadsClientsToTheAPI(t *testing.T) {
	server := httptest.NewServer(handler(t, withWest(nil)))
	defer server.Close()
	client, err := discovery.NewDiscoveryClientForConfig(&rest.Config{Host: server.URL + "/clusters/east"})
	if err != nil {
		t.Fatal(err)
	}
	_, resources, err := client.ServerGroupsAndResources()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, list := range resources {
		for _, r := range list.APIResources {
			found = append(found, list.GroupVersion+"/"+r.Name)
		}
	}
	slices.Sort(found)
	want := []string{"metrics.k8s.io/v1/nodes", "metrics.k8s.io/v1/pods", "metrics.k8s.io/v1beta1/nodes", "metrics.k8s.io/v1beta1/pods"}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	spec, err := openapi3.NewRoot(client.OpenAPIV3()).GVSpec(v1beta1.SchemeGroupVersion)
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := json.Marshal(spec); len(text) < 1000 {
		t.Errorf("the OpenAPI document is %s", text)
	}
}
