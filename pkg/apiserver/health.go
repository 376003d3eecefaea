package apiserver

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/util/sets"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/server/healthz"
)

// addReadyChecks adds to /readyz alone. A kubelet that does not respond is no reason to restart this process, which
// would lose the usage of the other nodes.
func addReadyChecks(generic *genericapiserver.GenericAPIServer, checks []healthz.HealthChecker, ws *workers) error {
	names := sets.New[string]()
	checks = slices.Clip(checks)
	for _, w := range ws.all {
		checks = append(checks, w)
	}
	for _, check := range checks {
		if names.Has(check.Name()) {
			return fmt.Errorf("two checks are named %q", check.Name())
		}
		names.Insert(check.Name())
	}
	return generic.AddReadyzChecks(checks...)
}
