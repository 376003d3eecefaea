package integration

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

const roles = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {namespace: team-1, name: usage-reader}
rules:
- {apiGroups: [metrics.k8s.io], resources: [pods], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {namespace: team-1, name: usage-reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: usage-reader}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: one-namespace}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: usage-reader}
rules:
- {apiGroups: [metrics.k8s.io], resources: [nodes, pods], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: usage-reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: usage-reader}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: reader}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {namespace: team-2, name: viewer}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: viewer}
`

// seen is the result of each request: the number of objects, or the HTTP code of the refusal.
type seen struct {
	AllPods, Team1, Team2, OnePod, Nodes, OneNode string
}

const refused = "403"

func TestRights(t *testing.T) {
	if _, err := env.Run(t.Context(), roles, "apply", "-f", "-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cleanUp(t, "delete", "clusterrolebinding/usage-reader", "clusterrolebinding/node-metrics", "clusterrole/usage-reader")
		cleanUp(t, "delete", "-n", "team-1", "rolebinding/usage-reader", "role/usage-reader")
		cleanUp(t, "delete", "-n", "team-2", "rolebinding/viewer")
	})
	const team = "300"
	nothing := seen{refused, refused, refused, refused, refused, refused}
	// As docs/security.md says.
	if _, err := env.Run(t.Context(), "", "create", "clusterrolebinding", "node-metrics", "--clusterrole=system:plimsoll:node-metrics-reader", "--group=operators"); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		user   string
		groups []string
		want   seen
	}{
		{"", nil, nothing},
		{"stranger", nil, nothing},
		{"one-namespace", nil, seen{refused, team, refused, "1", refused, refused}},
		{"viewer", nil, seen{refused, refused, team, refused, refused, refused}},
		{"operator", []string{"operators"}, seen{refused, refused, refused, refused, fmt.Sprint(nodes), "1"}},
		{"reader", nil, seen{fmt.Sprint(pods), team, team, "1", fmt.Sprint(nodes), "1"}},
	}
	paths := map[string]func(string, ...string) (*rest.Config, error){
		"aggregated": env.ConfigFor, "direct": env.Server.ConfigFor,
	}
	for _, tt := range tests {
		for path, configFor := range paths {
			t.Run(path+" "+tt.user, func(t *testing.T) {
				config, err := configFor(tt.user, tt.groups...)
				if err != nil {
					t.Fatal(err)
				}
				if tt.user == "" {
					config = rest.AnonymousClientConfig(config)
				}
				// A new right is in force a moment later.
				poll.Eventually(t, 30*time.Second, func(ctx context.Context) error {
					if got := send(ctx, t, config); got != tt.want {
						return fmt.Errorf("got  %+v,\nwant %+v", got, tt.want)
					}
					return nil
				})
			})
		}
	}
}

// send sends every request once.
func send(ctx context.Context, t *testing.T, config *rest.Config) seen {
	client, err := metricsclient.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	list := func(namespace string) string {
		l, err := client.MetricsV1beta1().PodMetricses(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return code(err)
		}
		return fmt.Sprint(len(l.Items))
	}
	s := seen{AllPods: list(""), Team1: list("team-1"), Team2: list("team-2"), OnePod: "1", Nodes: "", OneNode: "1"}
	// node-0001's second pod is in team-1.
	if _, err := client.MetricsV1().PodMetricses("team-1").Get(ctx, "node-0001-001", metav1.GetOptions{}); err != nil {
		s.OnePod = code(err)
	}
	if l, err := client.MetricsV1().NodeMetricses().List(ctx, metav1.ListOptions{}); err != nil {
		s.Nodes = code(err)
	} else {
		s.Nodes = fmt.Sprint(len(l.Items))
	}
	if _, err := client.MetricsV1().NodeMetricses().Get(ctx, "node-0001", metav1.GetOptions{}); err != nil {
		s.OneNode = code(err)
	}
	return s
}

func code(err error) string {
	if status, ok := err.(apierrors.APIStatus); ok {
		return fmt.Sprint(status.Status().Code)
	}
	return err.Error()
}

// TestForgedFrontProxyHeaders has clients claim to be the front proxy without its certificate.
func TestForgedFrontProxyHeaders(t *testing.T) {
	proxyCert, proxyKey := env.FrontProxyClientFiles()
	proxy, err := tls.LoadX509KeyPair(proxyCert, proxyKey)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := certificateOf("stranger")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		cert []tls.Certificate
		want int
	}{
		{"no certificate", nil, http.StatusForbidden},
		{"a user's certificate", []tls.Certificate{stranger}, http.StatusForbidden},
		{"the front proxy's certificate", []tls.Certificate{proxy}, http.StatusOK},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			config, err := env.Server.ConfigFor("")
			if err != nil {
				t.Fatal(err)
			}
			if got := forge(t, config, tt.cert); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
	t.Run("through the aggregator", func(t *testing.T) {
		if got := forge(t, env.AdminConfig(), []tls.Certificate{stranger}); got != http.StatusForbidden {
			t.Errorf("got %d, want %d", got, http.StatusForbidden)
		}
	})
}

func certificateOf(user string) (tls.Certificate, error) {
	cert, key, err := env.ClientCert(user)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(cert, key)
}

// forge requests every node from a server, with headers that claim the administrators' group.
func forge(t *testing.T, config *rest.Config, certs []tls.Certificate) int {
	trust, err := rest.TLSConfigFor(rest.AnonymousClientConfig(config))
	if err != nil {
		t.Fatal(err)
	}
	trust.Certificates = certs
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: trust, DisableKeepAlives: true}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, config.Host+"/apis/metrics.k8s.io/v1/nodes", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Remote-User", "root")
	request.Header.Set("X-Remote-Group", "system:masters")
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}
