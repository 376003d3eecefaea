package apiserver_test

import (
	"context"
	"net/http"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/registry/rest"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/metrics/pkg/apis/metrics"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/registry/nodemetrics"
	"github.com/plimsoll/plimsoll/pkg/registry/podmetrics"
)

// The storages below return the API's own types, so that the library writes every response.
type (
	libraryNodes struct {
		*nodemetrics.REST
		*lastRead
	}
	libraryPods struct {
		*podmetrics.REST
		*lastRead
	}
)

// lastRead is what the storage returned last, which is what a table is made of. The requests of these tests come one after the other.
type lastRead struct{ object runtime.Object }

// api has what a storage returned made into one of the API's types.
func (l *lastRead) api(object runtime.Object, err error) (runtime.Object, error) {
	l.object = object
	if own, ok := object.(interface{ API() runtime.Object }); ok {
		return own.API(), err
	}
	return object, err
}

func (l libraryNodes) Get(ctx context.Context, name string, options *metav1.GetOptions) (runtime.Object, error) {
	return l.api(l.REST.Get(ctx, name, options))
}

func (l libraryNodes) List(ctx context.Context, options *internalversion.ListOptions) (runtime.Object, error) {
	return l.api(l.REST.List(ctx, options))
}

func (l libraryNodes) ConvertToTable(ctx context.Context, _, options runtime.Object) (*metav1.Table, error) {
	return l.REST.ConvertToTable(ctx, l.object, options)
}

func (l libraryPods) Get(ctx context.Context, name string, options *metav1.GetOptions) (runtime.Object, error) {
	return l.api(l.REST.Get(ctx, name, options))
}

func (l libraryPods) List(ctx context.Context, options *internalversion.ListOptions) (runtime.Object, error) {
	return l.api(l.REST.List(ctx, options))
}

func (l libraryPods) ConvertToTable(ctx context.Context, _, options runtime.Object) (*metav1.Table, error) {
	return l.REST.ConvertToTable(ctx, l.object, options)
}

// libraryHandler serves the same as Plimsoll, with nothing but the library to write it.
func libraryHandler(t *testing.T, r *apiserver.Readers) http.Handler {
	t.Helper()
	config := fakeCluster{}.config()
	config.Complete() // Only for what it adds to the generic configuration.
	config.Generic.BuildHandlerChainFunc = genericapiserver.DefaultBuildHandlerChain
	server, err := config.Generic.Complete().New("library", genericapiserver.NewEmptyDelegate())
	if err != nil {
		t.Fatal(err)
	}
	group := genericapiserver.NewDefaultAPIGroupInfo(metrics.GroupName, apiserver.Scheme, metav1.ParameterCodec, apiserver.Codecs)
	for _, version := range []string{"v1", "v1beta1"} {
		group.VersionedResourcesStorageMap[version] = map[string]rest.Storage{
			"nodes": libraryNodes{nodemetrics.NewREST(r.Nodes, r.Usage, r.NodeMessages), &lastRead{}},
			"pods":  libraryPods{podmetrics.NewREST(r.Pods, r.Usage, r.PodMessages), &lastRead{}},
		}
	}
	if err := server.InstallAPIGroup(&group); err != nil {
		t.Fatal(err)
	}
	return server.Handler
}

// forms are the values of the header Accept by the form that they ask for.
func forms() map[string]string {
	const meta = ";v=v1;g=meta.k8s.io"
	return map[string]string{
		"JSON": asJSON, "protobuf": asProtobuf, "YAML": "application/yaml", "anything": "*/*",
		"table": asTable, "metadata": "application/json;as=PartialObjectMetadata" + meta, "metadata list": asMetadata,
		"protobuf table":         asProtobuf + ";as=Table" + meta,
		"protobuf metadata":      asProtobuf + ";as=PartialObjectMetadata" + meta,
		"protobuf metadata list": asProtobuf + ";as=PartialObjectMetadataList" + meta,
		"kubectl":                asTable + "," + asJSON,
		"old table":              "application/json;as=Table;v=v1beta1;g=meta.k8s.io",
	}
}

// TestResponsesAreTheLibrarys compares complete responses, to the byte, with those of a server that makes the API's types and has the library
// write them, twice, since the second may come from the cache of encoded objects.
func TestResponsesAreTheLibrarys(t *testing.T) {
	readers := newRandomCluster(30, 60).readers()
	config := fakeCluster{}.config()
	config.Extra.Home = readers
	own, library := handler(t, config), libraryHandler(t, readers)
	for _, path := range []string{
		"nodes", "nodes/node-0001", "nodes/node-0002", "nodes?labelSelector=none", "nodes?labelSelector=app&fieldSelector=metadata.name!%3Dnode-0001",
		"pods", "namespaces/shop/pods", "namespaces/empty/pods", "namespaces/shop/pods/pod-0000", "namespaces/shop/pods/pod-0001",
		"namespaces/shop/pods/pod-0002", "namespaces/shop/pods/pod-0003", "namespaces/shop/pods/pod-0004", "namespaces/shop/pods/none",
		"namespaces/shop/pods?labelSelector=tier,!app", "nodes?limit=3&includeObject=Object", "nodes?includeObject=None", "pods?includeObject=Object", "pods?limit=7", "pods?limit=7&labelSelector=app",
	} {
		for form, accept := range forms() {
			for _, suffix := range []string{"", "pretty=true"} {
				for _, version := range []string{"v1/", "v1beta1/"} {
					address := apisMetrics + version + withQuery(path, suffix)
					t.Run(address+" as "+form, func(t *testing.T) {
						want := get(t.Context(), library, address, accept)
						for range 2 {
							got := get(t.Context(), own, address, accept)
							compareAnswers(t, want, got)
						}
					})
				}
			}
		}
	}
}
