package apiserver

import (
	"fmt"
	"net/http"

	genericapifilters "k8s.io/apiserver/pkg/endpoints/filters"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/server/healthz"
)

// Cluster is a cluster beside the home cluster. It is served below /clusters/NAME, with discovery and OpenAPI documents of its
// own. The home cluster authorizes its readers. To the home cluster its paths are no resources: a role lists them as nonResourceURLs.
type Cluster struct {
	// Name is a DNS label, and no other cluster has it.
	Name string
	// Readers read the usage of its nodes and pods.
	Readers Readers
	// ReadyChecks decide /clusters/NAME/readyz, and no other.
	ReadyChecks []healthz.HealthChecker
}

// addCluster serves another cluster through outer, whose filters authenticate and authorize its readers.
func (c CompletedConfig) addCluster(outer *genericapiserver.GenericAPIServer, cluster Cluster) error {
	inner, err := c.generic.New("cluster "+cluster.Name, genericapiserver.NewEmptyDelegate())
	if err != nil {
		return fmt.Errorf("build the API server of cluster %q: %w", cluster.Name, err)
	}
	if err := installGroup(inner, &cluster.Readers); err != nil {
		return fmt.Errorf("serve cluster %q: %w", cluster.Name, err)
	}
	inner.PrepareRun() // for the OpenAPI documents; it never runs.
	prefix := "/clusters/" + cluster.Name
	// Paths below the prefix are resources to the inner server, so it works out anew what is asked for.
	handler := http.StripPrefix(prefix, genericapifilters.WithRequestInfo(inner.UnprotectedHandler(), c.generic.RequestInfoResolver))
	mux := outer.Handler.NonGoRestfulMux
	// The library's own 404 would list the paths of every cluster.
	mux.HandlePrefix(prefix+"/", http.NotFoundHandler())
	for _, path := range []string{"/apis", "/openapi/v2", "/openapi/v3"} {
		mux.Handle(prefix+path, handler)
	}
	for _, path := range []string{"/apis/", "/openapi/v3/"} {
		mux.HandlePrefix(prefix+path, handler)
	}
	healthz.InstallPathHandler(mux, prefix+"/readyz", cluster.ReadyChecks...)
	return nil
}
