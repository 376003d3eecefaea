package apiserver_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/request/bearertoken"
	"k8s.io/apiserver/pkg/authentication/token/cache"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	apirequest "k8s.io/apiserver/pkg/endpoints/request"
)

// TestUndecidedRequestsOfOneUser has a user ask for as many things as may wait, and more, while the authorizer decides nothing.
func TestUndecidedRequestsOfOneUser(t *testing.T) {
	tests := []struct {
		name, user       string
		requests, served int
	}{
		{"authenticated", "autoscaler", 50, 50},
		{"authenticated, more", "autoscaler", 60, 50},
		{"anonymous", "", 60, 50},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			config := guardedConfig()
			reached, decide := make(chan int, tt.requests), make(chan struct{})
			config.Generic.Authorization.Authorizer = authorizer.AuthorizerFunc(
				func(context.Context, authorizer.Attributes) (authorizer.Decision, string, error) {
					reached <- 0
					<-decide
					return authorizer.DecisionDeny, "", nil
				})
			h := handler(t, config)
			codes := make(chan int, tt.requests)
			for range tt.requests {
				go func() {
					code := askAs(t, h, tt.user, httptest.NewRecorder())
					codes <- code
					reached <- code
				}()
			}
			refused := 0
			for range tt.requests {
				switch code := <-reached; code {
				case 0:
				case http.StatusTooManyRequests:
					refused++
				default:
					t.Errorf("code %d before any decision", code)
				}
			}
			close(decide)
			decided := 0
			for range tt.requests {
				if code := <-codes; code == http.StatusForbidden {
					decided++
				}
			}
			if decided != tt.served || refused != tt.requests-tt.served {
				t.Errorf("%d requests were decided, %d refused, want %d and %d", decided, refused, tt.served, tt.requests-tt.served)
			}
		})
	}
}

// TestResetRequestsKeepTheirPlaces has a client reset 200 streams, each as soon as the authorizer or the authenticator has begun to decide about it. What these
// have asked the API server for is not taken back by that, so the bound holds until they know.
func TestResetRequestsKeepTheirPlaces(t *testing.T) {
	for _, token := range []string{"", "made-up"} {
		t.Run("token "+token, func(t *testing.T) {
			begun, decide := make(chan int, 1), make(chan struct{})
			wait := func(ctx context.Context) error {
				begun <- 0
				select {
				case <-ctx.Done():
					return ctx.Err()
				case <-decide:
					return nil
				}
			}
			config := guardedConfig()
			config.Generic.Authorization.Authorizer = authorizer.AuthorizerFunc(
				func(ctx context.Context, _ authorizer.Attributes) (authorizer.Decision, string, error) {
					return authorizer.DecisionDeny, "", wait(ctx)
				})
			if token != "" { // The library's own cache of tokens goes on with a review whose request has ended.
				review := func(ctx context.Context, _ string) (*authenticator.Response, bool, error) {
					return nil, false, wait(ctx)
				}
				config.Generic.Authentication.Authenticator = bearertoken.New(cache.New(authenticator.TokenFunc(review), false, time.Minute, time.Minute))
			}
			h := handler(t, config)
			var all sync.WaitGroup
			undecided, refused := 0, 0
			for i := range 200 {
				ctx, reset := context.WithCancel(t.Context())
				all.Go(func() {
					defer func() { _ = recover() }() // So the library ends the handler of a stream that was reset.
					request := httptest.NewRequestWithContext(ctx, http.MethodGet, apisMetrics+"v1/pods", nil)
					if token != "" {
						request.Header.Set("Authorization", fmt.Sprint("Bearer ", token, i))
					}
					response := httptest.NewRecorder()
					if h.ServeHTTP(response, request); response.Code == http.StatusTooManyRequests {
						begun <- response.Code
					}
				})
				if <-begun == 0 {
					undecided++
				} else {
					refused++
				}
				reset()
			}
			close(decide)
			all.Wait()
			if undecided != 50 || refused != 150 {
				t.Errorf("%d requests waited for a decision and %d were refused, want 50 and 150", undecided, refused)
			}
		})
	}
}

// TestWatchTakesNoPlaceOfOtherRequests has one user send a second request during the first, where each user has one place, and counts a watch as long-running.
func TestWatchTakesNoPlaceOfOtherRequests(t *testing.T) {
	const list, watch = "v1/nodes", "v1/nodes?limit=1"
	tests := []struct {
		name, first, second string
		want                int
	}{
		{"a list during a list", list, list, http.StatusTooManyRequests},
		{"a list during a watch", watch, list, http.StatusOK},
		{"a watch during a list", list, watch, http.StatusOK},
		{"a watch during a watch", watch, watch, http.StatusTooManyRequests},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var server http.Handler
			var second *httptest.ResponseRecorder
			config := guardedConfig()
			config.Generic.MaxRequestsInFlight = 2
			// Another request stands for the watch: it ends by itself.
			config.Generic.LongRunningFunc = func(r *http.Request, _ *apirequest.RequestInfo) bool { return r.URL.Query().Has("limit") }
			user := map[string]string{"X-Test-User": "autoscaler"}
			config.Extra.Home.Nodes = askingNodes{ask: func() {
				if second == nil {
					second = httptest.NewRecorder()
					second = ask(t, server, tt.second, user)
				}
			}}
			server = handler(t, config)
			if first := ask(t, server, tt.first, user); first.Code != http.StatusOK || second.Code != tt.want {
				t.Errorf("the first response is %d, the second %d, want %d", first.Code, second.Code, tt.want)
			}
		})
	}
}

// TestWatchesOfAllUsersAreLimited has a second user watch during the first watch, where there is a place for one.
func TestWatchesOfAllUsersAreLimited(t *testing.T) {
	var server http.Handler
	var second *httptest.ResponseRecorder
	config := guardedConfig()
	config.Generic.MaxRequestsInFlight = 1
	config.Generic.LongRunningFunc = func(r *http.Request, _ *apirequest.RequestInfo) bool { return r.URL.Query().Has("limit") }
	config.Extra.Home.Nodes = askingNodes{ask: func() {
		if second == nil {
			second = httptest.NewRecorder()
			second = ask(t, server, "v1/nodes?limit=1", map[string]string{"X-Test-User": "slow"})
		}
	}}
	server = handler(t, config)
	for range 2 { // The first watch has ended by the second time.
		second = nil
		if first := ask(t, server, "v1/nodes?limit=1", map[string]string{"X-Test-User": "autoscaler"}); first.Code != http.StatusOK || second == nil || second.Code != http.StatusTooManyRequests {
			t.Fatalf("the first response is %d, the second %v", first.Code, second)
		}
	}
}

// askAs asks by HTTP/2 for all pods and returns the code of the response.
func askAs(t *testing.T, h http.Handler, name string, w interface {
	http.ResponseWriter
	Result() *http.Response
}) int {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, apisMetrics+"v1/pods", nil)
	request.ProtoMajor = 2
	if name != "" {
		request.Header.Set("X-Test-User", name)
	}
	h.ServeHTTP(w, request)
	response := w.Result()
	defer response.Body.Close()
	return response.StatusCode
}
