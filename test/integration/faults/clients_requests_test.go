package faults

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// everything is a user who may do everything with the metrics of all namespaces.
const everything = "everything"

const everythingRights = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: everything}
rules: [{apiGroups: [metrics.k8s.io], resources: [pods, nodes], verbs: ["*"]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: everything}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: everything}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: everything}]
`

// flood is a client that sends requests which are refused.
type flood struct {
	name string
	// user is empty for an anonymous client.
	user      string
	perSecond int
	// request makes the request of a number.
	request func(i int, url string) (*http.Request, error)
	// want are the codes of responses.
	want    []string
	counted []string
}

// lost is the result of a request that got no response, because the connection was closed.
const lost = "no response"

const apis = "/apis/metrics.k8s.io/v1"

// tooMany and its likes are codes as a tally has them.
const (
	invalid, unauthorized, forbidden, notFound, notAllowedMethod = "400", "401", "403", "404", "405"
	expired, longPath, tooMany, longHeaders, notImplemented      = "410", "414", "429", "431", "501"
)

// methods are those that are not offered.
var methods = []string{
	http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodConnect, http.MethodTrace, http.MethodOptions, "PROPFIND",
	"MADEUP", strings.Repeat("LONG", 200),
}

// floods make fewer requests of which the API server has to decide anew than the API library's client sends it, which is 200 a second for all users.
func floods() []flood {
	get := func(path func(i int) string, headers ...string) func(int, string) (*http.Request, error) {
		return func(i int, url string) (*http.Request, error) {
			request, err := http.NewRequest(http.MethodGet, url+path(i), nil)
			for h := 0; err == nil && h < len(headers); h += 2 {
				request.Header.Add(headers[h], headers[h+1])
			}
			return request, err
		}
	}
	other := func(i int) string { return fmt.Sprintf("%s/namespaces/other-%d/pods", apis, i) }
	fixed := func(path string) func(int) string { return func(int) string { return path } }
	verbs := func(i int, url string) (*http.Request, error) {
		return http.NewRequest(methods[i%len(methods)], url+apis+"/namespaces/team-0/pods", strings.NewReader("{}"))
	}
	refused := []string{notAllowed}
	long := []string{refusals("request_too_long")}
	return []flood{
		{"anonymous, 60/s", "", 60, get(other), []string{forbidden, tooMany}, refused},
		{"made-up tokens, 50/s", "", 50, func(i int, url string) (*http.Request, error) {
			return get(other, "Authorization", fmt.Sprintf("Bearer made-up-%d", i))(i, url)
		}, []string{unauthorized, tooMany}, []string{`^authentication_attempts{result="(error|failure)"}`}},
		{"user without rights, 40/s", "stranger", 40, get(other), []string{forbidden, tooMany}, refused},
		{"forged headers of the front proxy, 50/s", "", 50, get(other, "X-Remote-User", "root", "X-Remote-Group", "system:masters"), []string{forbidden, tooMany}, refused},
		{"impersonation without the right, 50/s", "stranger", 50, get(other, "Impersonate-User", "root", "Impersonate-Group", "system:masters"), []string{forbidden, tooMany}, []string{`^apiserver_impersonation_attempts_total{decision="denied"`}},
		{"verbs that are not offered, 50/s", everything, 50, verbs, []string{forbidden, notFound, notAllowedMethod, notImplemented}, []string{refusals("unsupported_method"), refusals("request_too_long")}},
		{"the same verbs, anonymous, 50/s", "", 50, verbs, []string{forbidden, tooMany, notImplemented}, refused},
		{"watches, 150/s", everything, 150, get(fixed(apis + "/pods?watch=true&resourceVersion=1")), []string{expired}, []string{`^apiserver_request_total{.*code="410"`}},
		{"watches, anonymous, 100/s", "", 100, get(fixed(apis + "/pods?watch=true&timeoutSeconds=3600")), []string{forbidden, tooMany}, refused},
		{"paths of 8 KiB, 20/s", "", 20, get(fixed(apis + "/" + strings.Repeat("a", 8<<10))), []string{longPath}, long},
		{"queries of 500 KiB, 10/s", everything, 10, get(fixed(apis + "/pods?labelSelector=" + strings.Repeat("a,", 250<<10))), []string{invalid}, long},
		{"headers of 900 KiB, 10/s", "", 10, get(other, "X-Long", strings.Repeat("a", 900<<10)), []string{longHeaders}, long},
		{"invalid parameters, 20/s", "", 20, get(fixed(apis + "/pods?timeout=soon")), []string{invalid}, nil},
	}
}

// TestFloodsOfRequests has clients send thousands of requests, each of which is refused.
func TestFloodsOfRequests(t *testing.T) {
	withEverything(t)
	var clients []clientAttack
	for _, f := range floods() {
		clients = append(clients, clientAttack{name: f.name, wage: f.wage, counted: f.counted})
	}
	waged(t, "13 floods of requests that are refused, 660/s", clients)
}

// wage sends the requests, at most 50 at a time.
func (f flood) wage(ctx context.Context, t *testing.T) error {
	p, err := partyOf(f.user)
	if err != nil {
		return err
	}
	transport := &http.Transport{TLSClientConfig: p.tls, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	var results tally
	var open sync.WaitGroup
	places := make(chan struct{}, 50)
	at(ctx, f.perSecond, func(i int) {
		places <- struct{}{}
		open.Go(func() {
			defer func() { <-places }()
			results.note(codeOf(client, i, p.url, f.request))
		})
	})
	open.Wait()
	results.log(t, f.name)
	// A connection of anonymous clients is closed where there are too many.
	return results.check(f.perSecond*int(lasts.Seconds())/2, append(f.want, lost)...)
}

// codeOf sends a request and returns the code of the response.
func codeOf(client *http.Client, i int, url string, make func(int, string) (*http.Request, error)) string {
	request, err := make(i, url)
	if err != nil {
		return err.Error()
	}
	response, err := client.Do(request)
	if err != nil {
		return lost
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body) // The code is all that counts.
	return fmt.Sprint(response.StatusCode)
}
