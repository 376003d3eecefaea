package apiserver

import (
	"fmt"
	"net/http"

	genericapifilters "k8s.io/apiserver/pkg/endpoints/filters"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/server/healthz"
	"k8s.io/apiserver/pkg/server/mux"
)

// Cluster is a cluster beside the home cluster. It is served below /clusters/NAME, with discovery and OpenAPI documents of its
// own. The home cluster authorizes its readers. To the home cluster its paths are no resources: a role lists them as nonResourceURLs.
type Cluster struct {
	// Name is a DNS label, and no other cluster has it.
	Name string
	// Readers read the usage of its nodes and pods.
	Readers Readers
	// Background is the work behind the readers.
	Background []Background
	// ReadyChecks decide /clusters/NAME/readyz, together with those of Background, and no other.
	ReadyChecks []healthz.HealthChecker
}

// clustersPrefix is before the name of a cluster in its paths.
const clustersPrefix = "/clusters/"

// addCluster serves another cluster through outer, whose filters authenticate and authorize its readers, and returns its workers. Nothing but its
// own paths names it: readers of the home cluster or of another one may not know that there is such a cluster.
func (c CompletedConfig) addCluster(outer *genericapiserver.GenericAPIServer, cluster Cluster) ([]*worker, error) {
	inner, err := c.generic.New("cluster "+cluster.Name, genericapiserver.NewEmptyDelegate())
	if err != nil {
		return nil, fmt.Errorf("build the API server of cluster %q: %w", cluster.Name, err)
	}
	if err := installGroup(inner, &cluster.Readers); err != nil {
		return nil, fmt.Errorf("serve cluster %q: %w", cluster.Name, err)
	}
	workers, checks, err := newWorkers(cluster.Background, cluster.ReadyChecks)
	if err != nil {
		return nil, fmt.Errorf("add readiness checks of cluster %q: %w", cluster.Name, err)
	}
	inner.PrepareRun() // for the OpenAPI documents; it never runs.
	prefix := clustersPrefix + cluster.Name
	// Paths below the prefix are resources to the inner server, so its RequestInfo is another one.
	handler := http.StripPrefix(prefix, genericapifilters.WithRequestInfo(inner.UnprotectedHandler(), c.generic.RequestInfoResolver))
	paths := unlisted{outer.Handler.NonGoRestfulMux}
	for _, path := range []string{"/apis", "/openapi/v2", "/openapi/v3"} {
		paths.Handle(prefix+path, handler)
	}
	for _, path := range []string{"/apis/", "/openapi/v3/"} {
		paths.UnlistedHandlePrefix(prefix+path, handler)
	}
	healthz.InstallPathHandler(paths, prefix+"/readyz", checks...)
	return workers, nil
}

// unlisted has the paths that it handles left out of the list of paths at /.
type unlisted struct{ *mux.PathRecorderMux }

// Handle handles one path.
func (u unlisted) Handle(path string, handler http.Handler) { u.UnlistedHandle(path, handler) }
