package sources

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/openapi3"
	"k8s.io/client-go/rest"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// TestTwoClusters has one server read two clusters, in which everything has the same name.
func TestTwoClusters(t *testing.T) {
	server := start(t, append(ofHome(), "--source=kubernetes", source(west, "west"))...)
	for name, b := range map[string]*cluster.Cluster{"": home, "west": west} {
		t.Run("usage of "+b.Fleet.Address(0).String(), func(t *testing.T) { checkVersions(t, asAdmin(t, server, name), b) })
		t.Run("documents"+below(name), func(t *testing.T) { checkDocuments(t, asAdmin(t, server, name)) })
	}
	t.Run("rights", func(t *testing.T) { checkRights(t, server) })
	t.Run("detours", func(t *testing.T) { checkDetours(t, server) })
}

// checkVersions reads everything in both versions.
func checkVersions(t *testing.T, config *rest.Config, b *cluster.Cluster) {
	client := clientOf(t, config)
	for version, read := range map[string]func(context.Context, metricsclient.Interface) (lists, error){"v1": readV1, "v1beta1": readV1beta1} {
		t.Run(version, func(t *testing.T) {
			poll.Eventually(t, servedWithin, func(ctx context.Context) error {
				a, err := read(ctx, client)
				if err != nil {
					return err
				}
				return a.are(b.Fleet)
			})
		})
	}
}

// checkDocuments reads discovery and the OpenAPI documents, with the library's own clients.
func checkDocuments(t *testing.T, config *rest.Config) {
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	_, lists, err := client.ServerGroupsAndResources()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, list := range lists {
		for _, r := range list.APIResources {
			got = append(got, list.GroupVersion+" "+r.Name)
		}
	}
	slices.Sort(got)
	want := []string{"metrics.k8s.io/v1 nodes", "metrics.k8s.io/v1 pods", "metrics.k8s.io/v1beta1 nodes", "metrics.k8s.io/v1beta1 pods"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	document, err := client.OpenAPISchema()
	if err != nil || len(document.GetDefinitions().GetAdditionalProperties()) == 0 {
		t.Errorf("no definitions in the OpenAPI document of version 2: %v", err)
	}
	for _, version := range []string{"v1", "v1beta1"} {
		spec, err := openapi3.NewRoot(client.OpenAPIV3()).GVSpec(schema.GroupVersion{Group: "metrics.k8s.io", Version: version})
		if err != nil {
			t.Fatal(err)
		}
		if name := fmt.Sprintf("io.k8s.metrics.pkg.apis.metrics.%s.NodeMetrics", version); spec.Components == nil || spec.Components.Schemas[name] == nil {
			t.Errorf("no %s in the OpenAPI document of version 3", name)
		}
	}
}
