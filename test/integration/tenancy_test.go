package integration

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

const tenantRole = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {namespace: team-1, name: tenant}
rules:
- {apiGroups: [metrics.k8s.io], resources: [pods], verbs: [get, list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {namespace: team-1, name: tenant}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: tenant}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: tenant}
`

const (
	apis = "/apis/metrics.k8s.io/"
	// own is what the tenant may read.
	own = apis + "v1/namespaces/team-1/pods"
	// hidden is the name of another cluster of the server that the tenant reaches directly.
	hidden = "west"
)

// way is a server as clients reach it. Through the API server only the paths of the API lead to Plimsoll.
type way struct {
	name      string
	configFor func(user string, groups ...string) (*rest.Config, error)
	apiOnly   bool
}

// tenancyRequest is one request of a tenant: the code of its response, and the name of the one node that the response may have.
type tenancyRequest struct {
	name, path string
	code       int
	node       string
}

// TestTenancy sends what a tenant with rights in the namespace team-1 can send, and has clients without rights send the same. No response has the name of
// another namespace, of a pod there, of a node or of another cluster, or an address of a node, unless the request has it. The exceptions are nodes
// of own pods: in a table, and where a pod has no usage.
func TestTenancy(t *testing.T) {
	mine := startTenancy(t)
	failNode(t, mine.node)
	all, ways := tenancyRequests(mine), tenancyWays(t, mine)
	for _, w := range ways {
		for _, user := range []string{"tenant", "stranger", anonymous} {
			client := clientFor(t, w, user)
			for _, tt := range all {
				if w.apiOnly && !strings.HasPrefix(tt.path, apis) {
					continue
				}
				t.Run(w.name+" "+user+" "+tt.name, func(t *testing.T) { client.check(t, tt) })
			}
		}
		checkWhatExists(t, w)
	}
}

// tenantPods are the names of the pods of the tenant. One of them, failing, is on a node whose kubelet fails.
type tenantPods struct {
	failing, node string
	names         []string
}

// startTenancy gives the tenant its rights.
func startTenancy(t *testing.T) (mine tenantPods) {
	t.Helper()
	if _, err := env.Run(t.Context(), tenantRole, "apply", "-f", "-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cleanUp(t, "delete", "-n", "team-1", "rolebinding/tenant", "role/tenant") })
	for _, p := range env.Fleet.Pods() {
		if p.Namespace == "team-1" {
			mine.failing, mine.node = p.Name, p.Node
			mine.names = append(mine.names, p.Name)
		}
	}
	return mine
}

// failNode has the kubelet of a node fail until the test ends, and returns it as it was.
func failNode(t *testing.T, node string) {
	t.Helper()
	if err := env.Fleet.SetFault(node, fleet.Status(http.StatusInternalServerError)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		mend(t, map[string]string{node: ""})
		if err := poll.Within(context.WithoutCancel(t.Context()), time.Minute, func(ctx context.Context) error { return stillServed(ctx, node) }); err != nil {
			t.Error(err)
		}
	})
}

// tenancyWays are the API server, and a server with a second cluster, which is the same one under another name. Both have no usage of the failing node.
func tenancyWays(t *testing.T, mine tenantPods) []way {
	t.Helper()
	server, err := env.StartServer(t.Context(), "--source=kubernetes", fmt.Sprintf(
		"--source=kubernetes?cluster=%s&auth=%s&kubeletCertificateAuthority=%s&useNodeStatusPort=true", hidden, env.Kubeconfig(), env.KubeletCA()))
	if err != nil {
		t.Fatal(err)
	}
	stopAtEnd(t, server)
	ways := []way{{"aggregated", env.ConfigFor, true}, {"direct", server.ConfigFor, false}}
	for _, w := range ways {
		client := clientFor(t, w, "tenant")
		poll.Eventually(t, time.Minute, func(ctx context.Context) error {
			if code, body := client.get(ctx, own+"/"+mine.failing, asJSON); code != http.StatusNotFound {
				return fmt.Errorf("%s: %d, %s", w.name, code, body)
			}
			return nil
		})
	}
	return ways
}

func stopAtEnd(t *testing.T, server *cluster.Server) {
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
}

// tenancyRequests are the lines of the test. The pod node-0001-000 is of team-0.
func tenancyRequests(mine tenantPods) []tenancyRequest {
	const ok, bad, forbidden, absent = http.StatusOK, http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound
	next := base64.RawURLEncoding.EncodeToString([]byte(`{"v":"meta.k8s.io/v1","rv":1,"start":"team-0/node-0001-000"}`))
	all := []tenancyRequest{
		{"own pods", own, ok, ""},
		{"own pods in v1beta1", strings.Replace(own, "v1/", "v1beta1/", 1), ok, ""},
		{"an own pod", own + "/" + mine.names[0], ok, ""},
		{"an own pod on a node that fails", own + "/" + mine.failing, absent, mine.node},
		{"an unknown pod", own + "/none", absent, ""},
		{"another namespace's pod in the own one", own + "/node-0001-000", absent, ""},
		{"a page", own + "?limit=1", ok, ""},
		{"a page that begins elsewhere", own + "?limit=1&continue=" + next, bad, ""},
		{"a page after no page", own + "?limit=1&continue=x", bad, ""},
		{"any version", own + "?resourceVersion=0&resourceVersionMatch=NotOlderThan", ok, ""},
		{"objects within a table", own + "?includeObject=Object", ok, ""},
		{"a label that all pods have", own + "?labelSelector=app%3Dpopulated", ok, ""},
		{"a label that pods of all namespaces have", own + "?labelSelector=workload%3Dworkload-0", ok, ""},
		{"no own label", own + "?labelSelector=app+notin+(populated)", ok, ""},
		{"another namespace by field", own + "?fieldSelector=metadata.namespace%3Dteam-0", ok, ""},
		{"not the own namespace by field", own + "?fieldSelector=metadata.namespace!%3Dteam-1", ok, ""},
		{"another namespace's pod by field", own + "?fieldSelector=metadata.name%3Dnode-0001-000", ok, ""},
		{"a node by field", own + "?fieldSelector=spec.nodeName%3Dnode-0001", ok, ""},
		{"all but one node by field", own + "?fieldSelector=spec.nodeName!%3Dnode-0001", ok, ""},
		{"an address by field", own + "?fieldSelector=status.hostIP!%3Dx", bad, ""},
		{"a selector that cannot be parsed", own + "?labelSelector=a%3D%3D%3D", bad, ""},
		{"a watch", own + "?watch=true&timeoutSeconds=1", 0, ""},
		{"all namespaces", apis + "v1/pods", forbidden, ""},
		{"all namespaces, the own one by field", apis + "v1/pods?fieldSelector=metadata.namespace%3Dteam-1", forbidden, ""},
		{"another namespace", apis + "v1/namespaces/team-0/pods", forbidden, ""},
		{"another namespace's pod", apis + "v1/namespaces/team-0/pods/node-0001-000", forbidden, ""},
		{"nodes", apis + "v1/nodes", forbidden, ""},
		{"nodes by label", apis + "v1/nodes?labelSelector=kubernetes.io/os%3Dlinux", forbidden, ""},
		{"the node of an own pod", apis + "v1/nodes/" + mine.node, forbidden, ""},
		{"the namespace", apis + "v1/namespaces/team-1", 0, ""},
		{"an unknown resource", apis + "v1/namespaces/team-1/none", forbidden, ""},
		{"an unknown version", apis + "v9", absent, ""},
		{"what the API has", apis + "v1", ok, ""},
		{"groups", "/apis", ok, ""},
		{"another cluster's pods", "/clusters/west" + own, forbidden, ""},
	}
	for _, path := range []string{"/readyz", "/livez", "/healthz", "/readyz?verbose", "/livez?verbose", "/healthz?verbose", "/version", "/openapi/v2", "/openapi/v3"} {
		all = append(all, tenancyRequest{path, path, ok, ""})
	}
	for _, path := range []string{
		"/", "/metrics", "/metrics/slis", "/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/goroutine?debug=2", "/debug/flags/v", "/configz", "/statusz", "/flagz", "/logs",
		"/readyz/first-numbers", "/livez/ping", "/clusters", "/clusters/", "/clusters/west", "/clusters/west/readyz?verbose", "/clusters/west/apis", "/clusters/west/openapi/v2", "/clusters/x",
	} {
		all = append(all, tenancyRequest{path, path, forbidden, ""})
	}
	return all
}

// checkWhatExists compares the responses about what the tenant may not read with those about what does not exist.
func checkWhatExists(t *testing.T, w way) {
	for _, tt := range []struct{ name, path, existing, other string }{
		{"another namespace's pod", apis + "v1/namespaces/team-0/pods/X", "node-0001-000", "node-0001-999"},
		{"another namespace", apis + "v1/namespaces/X/pods", "team-0", "team-x"},
		{"another namespace's pod in the own one", own + "/X", "node-0001-000", "node-0001-999"},
		{"a node", apis + "v1/nodes/X", "node-0001", "node-9999"},
		{"another cluster", "/clusters/X/apis", hidden, "none"},
		{"another cluster's pod", "/clusters/X" + own, hidden, "none"},
	} {
		if w.apiOnly && !strings.HasPrefix(tt.path, apis) {
			continue
		}
		t.Run(w.name+" existing or not: "+tt.name, func(t *testing.T) {
			var bodies [2]string
			client := clientFor(t, w, "tenant")
			for i, name := range []string{tt.existing, tt.other} {
				code, body := client.get(t.Context(), strings.Replace(tt.path, "X", name, 1), asJSON)
				body, _, _ = strings.Cut(body, "map[") // The headers have identifiers of their own.
				bodies[i] = fmt.Sprint(code, strings.ReplaceAll(body, name, "X"))
			}
			if diff := cmp.Diff(bodies[1], bodies[0]); diff != "" {
				t.Errorf("a client can tell them apart (-absent +existing):\n%s", diff)
			}
		})
	}
}

// TestTenancyBeforeTheFirstUsage has a server that can scrape no node, because none has an address of the type that it uses.
func TestTenancyBeforeTheFirstUsage(t *testing.T) {
	mine := startTenancy(t)
	server, err := env.StartLiveServer(t.Context(), "--source=kubernetes?addressTypes=ExternalDNS")
	if err != nil {
		t.Fatal(err)
	}
	stopAtEnd(t, server)
	const early = http.StatusServiceUnavailable
	client := clientFor(t, way{"direct", server.ConfigFor, false}, "tenant")
	poll.Eventually(t, time.Minute, func(ctx context.Context) error {
		if code, body := client.get(ctx, own, asJSON); code != early || !strings.Contains(body, "no_address") {
			return fmt.Errorf("%d: %s", code, body)
		}
		return nil
	})
	for _, tt := range []tenancyRequest{
		{"own pods", own, early, ""}, {"own pods by label", own + "?labelSelector=app%3Dpopulated", early, ""}, {"an own pod", own + "/" + mine.names[0], early, mine.node},
		{"nodes", apis + "v1/nodes", http.StatusForbidden, ""}, {"readiness", "/readyz?verbose", http.StatusInternalServerError, ""},
	} {
		t.Run(tt.name, func(t *testing.T) { client.check(t, tt) })
	}
}
