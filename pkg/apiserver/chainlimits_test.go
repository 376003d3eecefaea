package apiserver_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apiserver/pkg/apis/audit"
	"k8s.io/apiserver/pkg/audit/policy"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"
	genericapiserver "k8s.io/apiserver/pkg/server"

	"github.com/plimsoll/plimsoll/pkg/cluster"
)

// chains are the server's own, and the library's, with which it is compared.
func chains() map[string]chain {
	return map[string]chain{"own": nil, "library": genericapiserver.DefaultBuildHandlerChain}
}

// auditRecord is an audit backend that remembers.
type auditRecord struct {
	mu     sync.Mutex
	events []string
}

func (r *auditRecord) ProcessEvents(events ...*audit.Event) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range events {
		line := string(e.Stage) + " " + e.Verb + " " + e.User.Username
		if e.ImpersonatedUser != nil {
			line += " as " + e.ImpersonatedUser.Username
		}
		if e.ResponseStatus != nil {
			line += " " + http.StatusText(int(e.ResponseStatus.Code))
		}
		r.events = append(r.events, line)
	}
	return true
}

func (r *auditRecord) Run(<-chan struct{}) error { return nil }
func (r *auditRecord) Shutdown()                 {}
func (r *auditRecord) String() string            { return "auditRecord" }

// TestChainAudits wants an event for each stage of each request.
func TestChainAudits(t *testing.T) {
	tests := []struct {
		name    string
		headers map[string]string
		change  func(*genericapiserver.RecommendedConfig)
		want    []string
	}{
		{"served", nil, nil, []string{"RequestReceived list system:anonymous", "ResponseComplete list system:anonymous OK"}},
		{
			"impersonation", map[string]string{"Impersonate-User": "ann"}, nil,
			[]string{"RequestReceived list system:anonymous", "ResponseComplete list system:anonymous as ann OK"},
		},
		{
			"not allowed", nil, refusing("list"),
			[]string{"RequestReceived list system:anonymous", "ResponseComplete list system:anonymous Forbidden"},
		},
		{"not authenticated", nil, authenticating(func(*http.Request) (*authenticator.Response, bool, error) {
			return nil, false, errors.New("no token")
		}), []string{"ResponseStarted list  Unauthorized"}},
	}
	for _, tt := range tests {
		for name, chain := range chains() {
			t.Run(tt.name+", "+name, func(t *testing.T) {
				backend := &auditRecord{}
				config := fakeCluster{}.config()
				config.Generic.AuditBackend = backend
				config.Generic.AuditPolicyRuleEvaluator = policy.NewFakePolicyRuleEvaluator(audit.LevelMetadata, nil)
				if tt.change != nil {
					tt.change(config.Generic)
				}
				ask(t, handlerWith(t, config, chain), "v1/nodes", tt.headers)
				if diff := cmp.Diff(tt.want, backend.events); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// askingNodes calls ask while nodes are listed for a request.
type askingNodes struct {
	fakeNodes
	ask func()
}

func (n askingNodes) List(ctx context.Context, selector labels.Selector) ([]*cluster.Node, error) {
	n.ask()
	return n.fakeNodes.List(ctx, selector)
}

// TestChainLimitsRequests that are in flight: the second is asked while the first is answered.
func TestChainLimitsRequests(t *testing.T) {
	for name, chain := range chains() {
		t.Run(name, func(t *testing.T) {
			var server http.Handler
			var second *httptest.ResponseRecorder
			config := fakeCluster{}.config()
			config.Generic.MaxRequestsInFlight = 1
			config.Extra.Home.Nodes = askingNodes{ask: func() { second = ask(t, server, "v1/nodes", nil) }}
			server = handlerWith(t, config, chain)
			first := ask(t, server, "v1/nodes", nil)
			if first.Code != http.StatusOK || second == nil || second.Code != http.StatusTooManyRequests {
				t.Errorf("the first response is %d, the second %+v", first.Code, second)
			}
		})
	}
}

// TestProbesAreNotLimited has each probe be asked while all places are taken.
func TestProbesAreNotLimited(t *testing.T) {
	for _, path := range []string{"/livez", "/readyz", "/healthz"} {
		t.Run(path, func(t *testing.T) {
			var server http.Handler
			probe := 0
			config := fakeCluster{}.config()
			config.Generic.MaxRequestsInFlight = 1
			config.Extra.Home.Nodes = askingNodes{ask: func() { probe = get(t.Context(), server, path, "*/*").Code }}
			server = handlerWith(t, config, nil)
			if first := ask(t, server, "v1/nodes", nil); first.Code != http.StatusOK || probe == 0 || probe == http.StatusTooManyRequests {
				t.Errorf("the first response is %d, that of the probe %d", first.Code, probe)
			}
		})
	}
}

// TestUserShare leaves half of the places for other users, and all of them for members of system:masters.
func TestUserShare(t *testing.T) {
	tests := []struct {
		name  string
		other *user.DefaultInfo
		want  int
	}{
		{"the same user", &user.DefaultInfo{Name: "ann"}, http.StatusTooManyRequests},
		{"another user", &user.DefaultInfo{Name: "bob"}, http.StatusOK},
		{"member of system:masters", &user.DefaultInfo{Name: "ann", Groups: []string{user.SystemPrivilegedGroup}}, http.StatusOK},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var server http.Handler
			var second *httptest.ResponseRecorder
			who := &user.DefaultInfo{Name: "ann"}
			config := fakeCluster{}.config()
			authenticating(func(*http.Request) (*authenticator.Response, bool, error) {
				return &authenticator.Response{User: who}, true, nil
			})(config.Generic)
			config.Generic.MaxRequestsInFlight = 2
			config.Extra.Home.Nodes = askingNodes{ask: func() {
				if second == nil {
					second, who = &httptest.ResponseRecorder{}, tt.other
					second = ask(t, server, "v1/nodes", nil)
				}
			}}
			server = handler(t, config)
			first := ask(t, server, "v1/nodes", nil)
			if first.Code != http.StatusOK || second == nil || second.Code != tt.want {
				t.Errorf("the first response is %d, the second %+v, want %d", first.Code, second, tt.want)
			}
		})
	}
}

// TestChainHasADeadline has the authenticator wait for the deadline of the request.
func TestChainHasADeadline(t *testing.T) {
	for name, chain := range chains() {
		t.Run(name, func(t *testing.T) {
			config := fakeCluster{}.config()
			config.Generic.RequestTimeout = 10 * time.Millisecond
			answered := make(chan struct{})
			authenticating(func(r *http.Request) (*authenticator.Response, bool, error) {
				<-r.Context().Done()
				<-answered // The library responds beside the handler, and aborts the request where the handler was quicker.
				return nil, false, r.Context().Err()
			})(config.Generic)
			response := ask(t, handlerWith(t, config, chain), "v1/nodes", nil)
			close(answered)
			if response.Code != http.StatusGatewayTimeout {
				t.Errorf("the response is %d %s", response.Code, response.Body)
			}
		})
	}
}

// TestUnsentRequestIsCutOff has a client announce a body and not send it, while the server waits for that.
func TestUnsentRequestIsCutOff(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		t.Run(map[bool]string{false: "HTTP/1.1", true: "HTTP/2"}[http2], func(t *testing.T) {
			ended := make(chan error, 1)
			config := fakeCluster{}.config()
			config.Generic.RequestTimeout = 10 * time.Millisecond
			authenticating(func(r *http.Request) (*authenticator.Response, bool, error) {
				_, err := io.Copy(io.Discard, r.Body)
				ended <- err
				return nil, false, err
			})(config.Generic)
			server := httptest.NewUnstartedServer(handler(t, config))
			server.EnableHTTP2 = http2
			server.StartTLS()
			defer server.Close()
			body, unsent := io.Pipe()
			defer unsent.Close()
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+apisMetrics+"v1/nodes", body)
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				if response, err := server.Client().Do(request); err == nil {
					response.Body.Close()
				}
			}()
			select {
			case err := <-ended:
				if err == nil {
					t.Error("all was read")
				}
			case <-time.After(time.Minute):
				t.Fatal("the handler goes on")
			}
		})
	}
}

func authenticating(f authenticator.RequestFunc) func(*genericapiserver.RecommendedConfig) {
	return func(c *genericapiserver.RecommendedConfig) { c.Authentication.Authenticator = f }
}
