package faults

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// withRights applies objects for the time of a test.
func withRights(t *testing.T, objects string) {
	t.Helper()
	if _, err := env.Run(t.Context(), objects, "apply", "-f", "-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		if _, err := env.Run(ctx, objects, "delete", "--wait=false", "-f", "-"); err != nil {
			t.Error(err)
		}
	})
}

// teams is how many users share a connection; each may list the pods of one namespace.
const teams = 10

// teamRights give the user reader-N the right to list the pods of team-N, and the user of the front proxy's clients the right to impersonate reader-3.
func teamRights() string {
	var b strings.Builder
	b.WriteString(`
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: team-reader}
rules: [{apiGroups: [metrics.k8s.io], resources: [pods], verbs: [list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: impersonator}
rules: [{apiGroups: [""], resources: [users], verbs: [impersonate], resourceNames: [reader-3]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: impersonator}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: impersonator}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: impersonator}]
`)
	for i := range teams {
		fmt.Fprintf(&b, `---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {namespace: team-%d, name: team-reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: team-reader}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: reader-%d}]
`, i, i)
	}
	return b.String()
}

// frontProxy is a client with the front proxy's certificate, which has one connection. The second result counts connections.
func frontProxy(t *testing.T) (*http.Client, *atomic.Int64, string) {
	t.Helper()
	cert, err := tls.LoadX509KeyPair(env.FrontProxyClientFiles())
	if err != nil {
		t.Fatal(err)
	}
	p, err := partyOf("")
	if err != nil {
		t.Fatal(err)
	}
	p.tls.Certificates = []tls.Certificate{cert}
	var opened atomic.Int64
	transport := &http.Transport{
		TLSClientConfig: p.tls, ForceAttemptHTTP2: true, MaxConnsPerHost: 1,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			opened.Add(1)
			var dialer net.Dialer
			return dialer.DialContext(ctx, network, address)
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 30 * time.Second}, &opened, p.url
}

// listOf requests the pods of a team with headers, and returns the code, the namespaces of the pods, and the message of a refusal.
func listOf(ctx context.Context, client *http.Client, url string, team int, headers ...string) (code int, namespaces map[string]int, message string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/apis/metrics.k8s.io/v1beta1/namespaces/team-%d/pods", url, team), nil)
	if err != nil {
		return 0, nil, "", err
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, "", err
	}
	defer response.Body.Close()
	if response.ProtoMajor != 2 {
		return 0, nil, "", fmt.Errorf("the connection has %s", response.Proto)
	}
	var body struct {
		metricsv1.PodMetricsList
		Message string
	}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		return 0, nil, "", fmt.Errorf("read a response of code %d: %w", response.StatusCode, err)
	}
	namespaces = map[string]int{}
	for _, pod := range body.Items {
		namespaces[pod.Namespace]++
	}
	return response.StatusCode, namespaces, body.Message, nil
}

// TestUsersOfOneConnection has the front proxy send the requests of ten users on one connection of HTTP/2, many at a time. Each response is that of its own user.
func TestUsersOfOneConnection(t *testing.T) {
	const requests, atOnce = 5000, 40
	withRights(t, teamRights())
	client, opened, url := frontProxy(t)
	want := map[string]int{}
	for _, team := range env.Teams(podsPerNode) {
		want[team.Namespace] = team.Pods
	}
	check := func(ctx context.Context, user, team int) error {
		name, namespace := fmt.Sprintf("reader-%d", user), fmt.Sprintf("team-%d", team)
		code, namespaces, message, err := listOf(ctx, client, url, team, "X-Remote-User", name, "X-Remote-Group", "system:authenticated")
		allowed := code == http.StatusOK && len(namespaces) == 1 && namespaces[namespace] == want[namespace]
		refused := code == http.StatusForbidden && len(namespaces) == 0 && strings.Contains(message, `User "`+name+`" cannot list`)
		if err != nil {
			return fmt.Errorf("%s lists %s: %w", name, namespace, err)
		}
		if user == team && !allowed || user != team && !refused {
			return fmt.Errorf("%s lists %s: code %d, pods by namespace %v, message %q", name, namespace, code, namespaces, message)
		}
		return nil
	}
	for i := range teams { // A new right is in force a moment later.
		poll.Eventually(t, 30*time.Second, func(ctx context.Context) error { return check(ctx, i, i) })
	}
	opened.Store(0)
	seed := time.Now().UnixNano()
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	all, ctx := errgroup.WithContext(t.Context())
	all.SetLimit(atOnce)
	for range requests {
		user, team := random.IntN(teams), random.IntN(teams)
		if random.IntN(2) == 0 {
			team = user
		}
		all.Go(func() error { return check(ctx, user, team) })
	}
	if err := all.Wait(); err != nil {
		t.Errorf("seed %d: %v", seed, err)
	}
	if n := opened.Load(); n > 0 {
		t.Errorf("%d further connections were opened", n)
	}
	t.Logf("%d requests of %d users, %d at once, on one connection", requests, teams, atOnce)
}

// TestImpersonation has clients impersonate others, with the right to do so and without, on connections of their own and through the front proxy's certificate.
func TestImpersonation(t *testing.T) {
	withRights(t, teamRights())
	proxy, _, url := frontProxy(t)
	client := func(user string) *http.Client {
		p, err := partyOf(user)
		if err != nil {
			t.Fatal(err)
		}
		transport := &http.Transport{TLSClientConfig: p.tls, ForceAttemptHTTP2: true}
		t.Cleanup(transport.CloseIdleConnections)
		return &http.Client{Transport: transport, Timeout: 30 * time.Second}
	}
	remote := func(user string) []string {
		return []string{"X-Remote-User", user, "X-Remote-Group", "system:authenticated"}
	}
	tests := []struct {
		name    string
		client  *http.Client
		headers []string
		want    int
		// user is whom a refusal names.
		user string
	}{
		{"anonymous", client(""), []string{"Impersonate-User", "reader-3"}, http.StatusForbidden, "system:anonymous"},
		{"without the right", client("reader-4"), []string{"Impersonate-User", "reader-3"}, http.StatusForbidden, "reader-4"},
		{"with the right", client("impersonator"), []string{"Impersonate-User", "reader-3"}, http.StatusOK, ""},
		{"with the right for another user", client("impersonator"), []string{"Impersonate-User", "reader-4"}, http.StatusForbidden, "impersonator"},
		{"with the right for a user, and a group", client("impersonator"), []string{"Impersonate-User", "reader-3", "Impersonate-Group", "system:masters"}, http.StatusForbidden, "impersonator"},
		{"front proxy, for a user without the right", proxy, append(remote("reader-4"), "Impersonate-User", "reader-3"), http.StatusForbidden, "reader-4"},
		{"front proxy, for a user with the right", proxy, append(remote("impersonator"), "Impersonate-User", "reader-3"), http.StatusOK, ""},
		{"front proxy, without a user", proxy, []string{"Impersonate-User", "reader-3"}, http.StatusUnauthorized, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			poll.Eventually(t, 30*time.Second, func(ctx context.Context) error {
				code, namespaces, message, err := listOf(ctx, tt.client, url, 3, tt.headers...)
				if err != nil {
					return err
				}
				if code != tt.want || (code == http.StatusOK) != (namespaces["team-3"] > 0) || !strings.Contains(message, tt.user) {
					return fmt.Errorf("code %d, %v, %q, want %d for %q", code, namespaces, message, tt.want, tt.user)
				}
				return nil
			})
		})
	}
}
