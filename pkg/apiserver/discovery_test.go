package apiserver_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

const asJSON = "application/json"

// Discovery responds from the first second: an API group that cannot be discovered stalls the deletion of namespaces.
func TestDiscoveryBeforeItIsReady(t *testing.T) {
	h := handler(t, fakeCluster{notReady: errCold}.config())
	tests := []struct{ name, path, accept, golden string }{
		{"groups", "/apis", asJSON, "discovery-groups.json"},
		{"group", "/apis/metrics.k8s.io", asJSON, "discovery-group.json"},
		{"v1", "/apis/metrics.k8s.io/v1", asJSON, "discovery-v1.json"},
		{"v1beta1", "/apis/metrics.k8s.io/v1beta1", asJSON, "discovery-v1beta1.json"},
		{"aggregated", "/apis", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", "discovery-aggregated.json"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			response := get(t.Context(), h, tt.path, tt.accept)
			if response.Code != http.StatusOK {
				t.Fatalf("GET %s: %d %s", tt.path, response.Code, response.Body)
			}
			golden(t, tt.golden, indented(t, response.Body.Bytes()))
		})
	}
}

func indented(t *testing.T, body []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, bytes.TrimSpace(body), "", "  "); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return append(out.Bytes(), '\n')
}

// kubectl finds the resources by their kinds, and the core resources keep their names.
func TestNamesOfResources(t *testing.T) {
	server := httptest.NewServer(handler(t, fakeCluster{}.config()))
	defer server.Close()
	client, err := discovery.NewDiscoveryClientForConfig(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	groups, err := restmapper.GetAPIGroupResources(client)
	if err != nil {
		t.Fatal(err)
	}
	// The core group comes first where clients resolve names, but no other group may have a singular name of its own.
	mapper := restmapper.NewDiscoveryRESTMapper(append([]*restmapper.APIGroupResources{coreGroup()}, groups...))
	core := schema.GroupVersion{Version: "v1"}
	metrics := schema.GroupVersion{Group: "metrics.k8s.io", Version: "v1"}
	tests := map[string]schema.GroupVersionResource{
		"pods": core.WithResource("pods"), "pod": core.WithResource("pods"),
		"nodes": core.WithResource("nodes"), "node": core.WithResource("nodes"),
		"podmetrics": metrics.WithResource("pods"), "nodemetrics": metrics.WithResource("nodes"),
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			found, err := mapper.ResourcesFor(schema.GroupVersionResource{Resource: name})
			if err != nil || found[0] != want {
				t.Errorf("ResourcesFor gave %v, %v, want %v first", found, err, want)
			}
			for _, other := range found[1:] {
				if !strings.HasSuffix(name, "s") || other.Group == want.Group && other.Resource != want.Resource {
					t.Errorf("%s is also the name of %v", name, other)
				}
			}
		})
	}
}

func coreGroup() *restmapper.APIGroupResources {
	version := metav1.GroupVersionForDiscovery{GroupVersion: "v1", Version: "v1"}
	return &restmapper.APIGroupResources{
		Group: metav1.APIGroup{Versions: []metav1.GroupVersionForDiscovery{version}, PreferredVersion: version},
		VersionedResources: map[string][]metav1.APIResource{"v1": {
			{Name: "pods", SingularName: "pod", Namespaced: true, Kind: "Pod"},
			{Name: "nodes", SingularName: "node", Kind: "Node"},
		}},
	}
}
