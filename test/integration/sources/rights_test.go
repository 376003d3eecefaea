package sources

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

const roles = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: west-reader}
rules:
- {nonResourceURLs: ["/clusters/west/*"], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: west-reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: west-reader}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: west-only}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: home-reader}
rules:
- {apiGroups: [metrics.k8s.io], resources: [nodes, pods], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: home-reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: home-reader}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: home-only}
`

// ofAPart are the requests that are sent for each cluster.
var ofAPart = []string{
	"/apis/metrics.k8s.io/v1/nodes", "/apis/metrics.k8s.io/v1beta1/nodes/node-0001", "/apis/metrics.k8s.io/v1/pods",
	"/apis/metrics.k8s.io/v1beta1/namespaces/team-0/pods/node-0001-000",
}

// checkRights has the home cluster decide who sees which part.
func checkRights(t *testing.T, server *cluster.Server) {
	if _, err := home.Run(t.Context(), roles, "apply", "-f", "-"); err != nil {
		t.Fatal(err)
	}
	const yes, no = http.StatusOK, http.StatusForbidden
	tests := []struct {
		name, user         string
		groups             []string
		home, west, others int
	}{
		{"with rights at home alone", "home-only", nil, yes, no, no},
		{"with rights to west alone", "west-only", nil, no, yes, no},
		{"with all rights", "root", []string{"system:masters"}, yes, yes, http.StatusNotFound},
		{"with no rights", "stranger", nil, no, no, no},
		{"anonymous", "", nil, no, no, no},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			config, err := server.ConfigFor(tt.user, tt.groups...)
			if err != nil {
				t.Fatal(err)
			}
			if tt.user == "" {
				config = rest.AnonymousClientConfig(config)
			}
			want := map[string]int{}
			for _, path := range ofAPart {
				want[path], want["/clusters/west"+path], want["/clusters/east"+path] = tt.home, tt.west, tt.others
			}
			for _, path := range []string{"/apis", "/openapi/v2", "/openapi/v3/apis/metrics.k8s.io/v1", "/readyz"} {
				want["/clusters/west"+path] = tt.west
			}
			// A new right is in force a moment later.
			poll.Eventually(t, 30*time.Second, func(ctx context.Context) error {
				if diff := cmp.Diff(want, statuses(ctx, config, want)); diff != "" {
					return fmt.Errorf("responses (-want +got):\n%s", diff)
				}
				return nil
			})
		})
	}
}

func statuses(ctx context.Context, config *rest.Config, of map[string]int) map[string]int {
	got := map[string]int{}
	for path := range of {
		// An error leaves 0, which no case expects.
		got[path], _, _ = cluster.Get(ctx, config, path)
	}
	return got
}

// checkDetours has a caller who may read west send paths that lead home, or elsewhere, where a proxy or server cleans them after the check of rights.
func checkDetours(t *testing.T, server *cluster.Server) {
	config, err := server.ConfigFor("west-only")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"/clusters/west/../../apis/metrics.k8s.io/v1/nodes",
		"/clusters/west/apis/../../../apis/metrics.k8s.io/v1/nodes",
		"/clusters/west/%2e%2e/%2e%2e/apis/metrics.k8s.io/v1/nodes",
		"/clusters/west/apis/%2e%2e/%2e%2e/%2e%2e/apis/metrics.k8s.io/v1/nodes",
		"/clusters/west/..%2f..%2fapis/metrics.k8s.io/v1/nodes",
		"/clusters/west//apis/metrics.k8s.io/v1/nodes",
		"/clusters/west/../../metrics",
		"/clusters/west/metrics",
		"/clusters/west/debug/pprof/",
	} {
		t.Run(path, func(t *testing.T) {
			if status, body, err := cluster.Get(t.Context(), config, path); err != nil || status == http.StatusOK {
				t.Errorf("returned %d (%v): %.300s", status, err, body)
			}
		})
	}
}
