package apiserver_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
)

// TestRefusalsOfLongRequestsKeepNothing checks that nothing waits to be taken of the answer to a request that is too long, and that nothing of the
// request is left: the HTTP server keeps it until the answer is sent.
func TestRefusalsOfLongRequestsKeepNothing(t *testing.T) {
	long := strings.Repeat("a", 200<<10)
	list := apisMetrics + "v1/pods"
	tests := []struct {
		name, method, target string
		headers              http.Header
		code                 int
	}{
		{"method", long, list, nil, http.StatusNotImplemented},
		{"path", http.MethodGet, "/" + long, nil, http.StatusRequestURITooLong},
		{"query", http.MethodGet, list + "?" + long, nil, http.StatusBadRequest},
		{"query of a probe", http.MethodGet, "/livez?" + long, nil, http.StatusRequestURITooLong},
		{"parameter", http.MethodGet, list + "?limit=" + long[:300], nil, http.StatusBadRequest},
		{"header", http.MethodGet, list, http.Header{"X-Long": {long}}, http.StatusRequestHeaderFieldsTooLarge},
		{"many headers", http.MethodGet, list, http.Header{"X": make([]string, 5000)}, http.StatusRequestHeaderFieldsTooLarge},
		{"impersonation", http.MethodGet, list, http.Header{"Impersonate-User": {long[:5000]}}, http.StatusRequestHeaderFieldsTooLarge},
	}
	h := handler(t, guarded())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			target, err := url.Parse(tt.target)
			if err != nil {
				t.Fatal(err)
			}
			request.Method, request.URL, request.RequestURI, request.ProtoMajor = tt.method, target, tt.target, 2
			if tt.headers != nil {
				request.Header = tt.headers
			}
			answer := httptest.NewRecorder()
			h.ServeHTTP(answer, request)
			if answer.Code != tt.code || answer.Body.Len() > 0 || answer.Header().Get("Content-Length") != "0" {
				t.Errorf("code %d, %d bytes, header %v, want code %d and no body", answer.Code, answer.Body.Len(), answer.Header(), tt.code)
			}
			if !strings.HasPrefix(answer.Header().Get("Warning"), "299 - ") {
				t.Errorf("no header says why: %v", answer.Header())
			}
			if left := len(request.Method) + len(request.RequestURI) + len(request.URL.String()) + len(request.Header); left > 100 {
				t.Errorf("%d bytes of the request are left", left)
			}
		})
	}
}

// TestLongRequestsTakeNoMemory has clients that take nothing of any answer send paths of almost a megabyte on each stream that they may open.
func TestLongRequestsTakeNoMemory(t *testing.T) {
	const connections, streams, most = 2, 100, 32 << 20
	_, host := serve(t, guarded())
	path := "/" + strings.Repeat("~", 900<<10) // HPACK does not compress it, which would take long.
	before := heap()
	for range connections {
		h := dialHostile(t, host)
		for range streams {
			if err := h.open(http.MethodGet, path, false); err != nil {
				t.Fatal(err)
			}
		}
		ended := map[uint32]bool{}
		h.answers(t, streams, func(frame http2.Frame) {
			if f, ok := frame.(*http2.HeadersFrame); ok && f.StreamEnded() {
				ended[f.StreamID] = true
			}
		})
		if len(ended) != streams {
			t.Errorf("%d of %d streams have ended with the headers of the answer", len(ended), streams)
		}
	}
	if after := heap(); after > before+most {
		t.Errorf("%d MiB are in use, %d MiB before", after>>20, before>>20)
	}
}

// heap is how much memory is in use, in bytes.
func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// TestUndecidedRequestsOfOneUser has an authenticated user ask for as many things as may be in flight, while the authorizer decides nothing.
func TestUndecidedRequestsOfOneUser(t *testing.T) {
	tests := []struct {
		name, user    string
		all, requests int
		served        int
	}{
		{"authenticated", "autoscaler", 400, 200, 200},
		{"authenticated, more than the share", "autoscaler", 400, 201, 200},
		{"authenticated, few places", "autoscaler", 20, 51, 50},
		{"anonymous", "", 400, 60, 50},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			config := guarded()
			config.Generic.MaxRequestsInFlight = tt.all
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

// TestTokenReviewsOfOneAddress has one address send more tokens than may be reviewed at once. Other addresses, and requests without a token, do not wait.
func TestTokenReviewsOfOneAddress(t *testing.T) {
	const most = 50
	tests := []struct {
		name, address, token string
		code                 int
	}{
		{"the same address", "192.0.2.1:2", "Bearer x", http.StatusTooManyRequests},
		{"another address", "192.0.2.2:1", "Bearer x", http.StatusOK},
		{"the same address, no token", "192.0.2.1:3", "", http.StatusOK},
	}
	waits, review := make(chan struct{}), make(chan struct{})
	config := world{}.config()
	authenticating(func(r *http.Request) (*authenticator.Response, bool, error) {
		if r.RemoteAddr == "192.0.2.1:1" {
			waits <- struct{}{}
			<-review
		}
		return &authenticator.Response{User: &user.DefaultInfo{Name: "ann"}}, true, nil
	})(config.Generic)
	h := handler(t, config)
	askFrom := func(address, token string) *httptest.ResponseRecorder {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, apisMetrics+"v1/pods", nil)
		request.RemoteAddr = address
		if token != "" {
			request.Header.Set("Authorization", token)
		}
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, request)
		return answer
	}
	codes := make(chan int)
	for range most {
		go func() { codes <- askFrom("192.0.2.1:1", "Bearer x").Code }()
	}
	for range most {
		<-waits
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			answer := askFrom(tt.address, tt.token)
			if answer.Code != tt.code || (tt.code == http.StatusTooManyRequests) != (answer.Header().Get("Retry-After") == "1" && answer.Body.Len() == 0) {
				t.Errorf("code %d, header %v, %d bytes, want code %d", answer.Code, answer.Header(), answer.Body.Len(), tt.code)
			}
		})
	}
	close(review)
	for range most {
		if code := <-codes; code != http.StatusOK {
			t.Errorf("code %d", code)
		}
	}
}

// untaken is a response whose client takes nothing before the test lets it.
type untaken struct {
	*httptest.ResponseRecorder
	waits chan<- struct{}
	taken <-chan struct{}
}

func (u *untaken) FlushError() error {
	u.waits <- struct{}{}
	<-u.taken
	return nil
}

// TestUntakenRefusalsOfOneUser has an authenticated user's clients not take refusals. Beyond a bound the refusals have no body and wait for nobody.
func TestUntakenRefusalsOfOneUser(t *testing.T) {
	const most = 50
	h := handler(t, guarded())
	waits, taken, codes := make(chan struct{}), make(chan struct{}), make(chan int)
	for range most {
		go func() { codes <- askAs(t, h, "tenant", &untaken{httptest.NewRecorder(), waits, taken}) }()
	}
	for range most {
		<-waits
	}
	answer := httptest.NewRecorder()
	if code := askAs(t, h, "tenant", answer); code != http.StatusForbidden || answer.Body.Len() > 0 || answer.Header().Get("Content-Length") != "0" {
		t.Errorf("code %d, %q, header %v, want %d without a body", code, answer.Body, answer.Header(), http.StatusForbidden)
	}
	close(taken)
	for range most {
		if code := <-codes; code != http.StatusForbidden {
			t.Errorf("code %d", code)
		}
	}
	again := httptest.NewRecorder()
	if code := askAs(t, h, "tenant", again); code != http.StatusForbidden || again.Body.Len() == 0 {
		t.Errorf("code %d, %q: the places are not given back", code, again.Body)
	}
}

// TestUntakenProbes has clients not take the answers of probes. Beyond a bound the answer is the code alone, and waits for no client.
func TestUntakenProbes(t *testing.T) {
	const most = 50
	h := handler(t, guarded())
	want := get(t.Context(), h, "/livez", "*/*").Code
	probe := func(w http.ResponseWriter) {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/livez", nil)
		request.ProtoMajor = 2
		h.ServeHTTP(w, request)
	}
	waits, taken, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	for range most {
		go func() {
			probe(&untaken{httptest.NewRecorder(), waits, taken})
			ended <- struct{}{}
		}()
	}
	for range most {
		<-waits
	}
	answer := httptest.NewRecorder()
	if probe(answer); answer.Code != want || answer.Body.Len() > 0 || answer.Header().Get("Content-Length") != "0" {
		t.Errorf("code %d, %q, header %v, want %d without a body", answer.Code, answer.Body, answer.Header(), want)
	}
	close(taken)
	for range most {
		<-ended
	}
	again := httptest.NewRecorder()
	if probe(again); again.Code != want || again.Body.Len() == 0 {
		t.Errorf("code %d, %q: the places are not given back", again.Code, again.Body)
	}
}

// askAs asks by HTTP/2 for all pods and returns the code of the answer.
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
	answer := w.Result()
	defer answer.Body.Close()
	return answer.StatusCode
}
