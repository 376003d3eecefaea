package apiserver_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
)

// guardedConfig is a configuration that authenticates the user that the header X-Test-User names, and authorizes "autoscaler" and "slow" alone, and probes.
func guardedConfig() *apiserver.Config {
	config := fakeCluster{}.config()
	config.Generic.Authentication.Authenticator = authenticator.RequestFunc(func(r *http.Request) (*authenticator.Response, bool, error) {
		if r.Header.Get("Authorization") != "" {
			return nil, false, errors.New("invalid bearer token")
		}
		u := &user.DefaultInfo{Name: user.Anonymous, Groups: []string{user.AllUnauthenticated}}
		if name := r.Header.Get("X-Test-User"); name != "" {
			u = &user.DefaultInfo{Name: name, Groups: []string{user.AllAuthenticated}}
		}
		return &authenticator.Response{User: u}, true, nil
	})
	config.Generic.Authorization.Authorizer = authorizer.AuthorizerFunc(
		func(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
			if name := a.GetUser().GetName(); name == "autoscaler" || name == "slow" || a.GetPath() == "/livez" || a.GetPath() == "/readyz" || a.GetPath() == "/healthz" {
				return authorizer.DecisionAllow, "", nil
			}
			return authorizer.DecisionNoOpinion, "", nil
		})
	return config
}

// serve runs a server until the test ends, and returns a client without credentials and the server's address.
func serve(t *testing.T, config *apiserver.Config) (*http.Client, string) {
	t.Helper()
	_, host := listening(t, config)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}}
	server, err := config.Complete().New("test")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	t.Cleanup(func() {
		client.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run gave %v", err)
		}
	})
	await(t, client, host+"/readyz", http.StatusOK, "ok")
	return client, host
}

// hostileClient is an HTTP/2 client that allows the server to send no byte of any body.
type hostileClient struct {
	*http2.Framer
	conn *tls.Conn
	next uint32
}

func dialHostileClient(t *testing.T, host string) *hostileClient {
	t.Helper()
	address, err := url.Parse(host)
	if err != nil {
		t.Fatal(err)
	}
	dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}}
	conn, err := dialer.DialContext(t.Context(), "tcp", address.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	h := &hostileClient{Framer: http2.NewFramer(conn, conn), conn: conn.(*tls.Conn), next: 1}
	if err := h.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0}); err != nil {
		t.Fatal(err)
	}
	return h
}

// open opens a stream. With a body it announces one that never comes.
func (h *hostileClient) open(method, path string, body bool, headers ...string) error {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	fields := append([]string{":method", method, ":scheme", "https", ":authority", "test", ":path", path}, headers...)
	for i := 0; i < len(fields); i += 2 {
		if err := encoder.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]}); err != nil {
			return err
		}
	}
	id := h.next
	h.next += 2
	for first := true; first || block.Len() > 0; first = false {
		part := block.Next(16 << 10)
		var err error
		if first {
			err = h.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: part, EndStream: !body, EndHeaders: block.Len() == 0})
		} else {
			err = h.WriteContinuation(id, block.Len() == 0, part)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// awaitResponses reads until so many streams have a response, or all that the server has taken when it goes away.
func (h *hostileClient) awaitResponses(t *testing.T, streams int) {
	t.Helper()
	h.readResponses(t, streams, func(http2.Frame) {})
}

// readResponses reads as awaitResponses does, and calls a function with each frame.
func (h *hostileClient) readResponses(t *testing.T, streams int, each func(http2.Frame)) {
	t.Helper()
	seen := map[uint32]bool{}
	if err := h.conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	for len(seen) < streams {
		frame, err := h.ReadFrame()
		if err != nil {
			t.Fatalf("%d of %d streams have a response: %v", len(seen), streams, err)
		}
		each(frame)
		switch f := frame.(type) {
		case *http2.HeadersFrame, *http2.RSTStreamFrame:
			seen[frame.Header().StreamID] = true
		case *http2.GoAwayFrame:
			streams = min(streams, int(f.LastStreamID+1)/2)
		}
	}
}

// TestUnreadResponsesHoldNoPlace has clients open as many streams as they may, and read no response. Meanwhile authorized requests
// and probes are served.
func TestUnreadResponsesHoldNoPlace(t *testing.T) {
	list := apisMetrics + "v1/pods"
	tests := []struct {
		name, method, path string
		body               bool
		headers            []string
	}{
		{name: "long paths", method: http.MethodGet, path: "/" + strings.Repeat("a", 8<<10)},
		{name: "paths", method: http.MethodGet, path: "/" + strings.Repeat("a", 900)},
		{name: "long names", method: http.MethodGet, path: list + "/" + strings.Repeat("a", 8<<10)},
		{name: "refused", method: http.MethodGet, path: list},
		{name: "refused by name", method: http.MethodGet, path: list, headers: []string{"x-test-user", "tenant"}},
		{name: "long methods", method: strings.Repeat("A", 8<<10), path: list},
		{name: "bodies", method: http.MethodPost, path: list, body: true, headers: []string{"content-length", "1000000"}},
		{name: "bad tokens", method: http.MethodGet, path: list, headers: []string{"authorization", "Bearer x"}},
		{name: "impersonation", method: http.MethodGet, path: list, headers: []string{"impersonate-user", strings.Repeat("a", 8<<10)}},
		{name: "probes", method: http.MethodGet, path: "/livez?verbose"},
		{name: "allowed", method: http.MethodGet, path: list, headers: []string{"x-test-user", "slow"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			config := guardedConfig()
			config.Generic.MaxRequestsInFlight = 100
			client, host := serve(t, config)
			for range 5 {
				h := dialHostileClient(t, host)
				const opened = 100
				for range opened {
					if err := h.open(tt.method, tt.path, tt.body, tt.headers...); err != nil {
						t.Fatal(err)
					}
				}
				h.awaitResponses(t, opened)
			}
			for range 3 {
				for _, path := range []string{"/livez", "/readyz", "/healthz", list} {
					if code, took := timed(t, client, host+path, "autoscaler"); code != http.StatusOK || took > 10*time.Second {
						t.Errorf("GET %s: %d after %v, want %d within 10 s", path, code, took, http.StatusOK)
					}
				}
			}
		})
	}
}

// TestSlowReaderHoldsNoPlace has a client take nothing of a long list, which takes the only place. After the request's time the place is free again.
func TestSlowReaderHoldsNoPlace(t *testing.T) {
	config := newManyPods().config()
	config.Generic.MaxRequestsInFlight, config.Generic.RequestTimeout = 1, 500*time.Millisecond
	client, host := serve(t, config)
	h := dialHostileClient(t, host)
	if err := h.open(http.MethodGet, apisMetrics+"v1/pods", false); err != nil {
		t.Fatal(err)
	}
	h.awaitResponses(t, 1)
	await(t, client, host+apisMetrics+"v1/nodes", http.StatusTooManyRequests, "")
	await(t, client, host+apisMetrics+"v1/nodes", http.StatusOK, "n1")
}

// timed is the code of a response, and how long it took until its end had arrived.
func timed(t *testing.T, client *http.Client, address, name string) (int, time.Duration) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Test-User", name)
	begin := time.Now()
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(fmt.Errorf("GET %s: %w", address, err))
	}
	return response.StatusCode, time.Since(begin)
}
