package apiserver

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/testutil"
)

// addressed is one end of a pipe that has a remote address.
type addressed struct {
	net.Conn
	remote string
	closed bool
}

func (a *addressed) RemoteAddr() net.Addr { return named(a.remote) }

func (a *addressed) Close() error {
	a.closed = true
	return a.Conn.Close()
}

type named string

func (n named) Network() string { return "tcp" }
func (n named) String() string  { return string(n) }

// queued is a listener that accepts what it is given.
type queued struct {
	net.Listener
	next []net.Conn
}

func (q *queued) Accept() (net.Conn, error) {
	c := q.next[0]
	q.next = q.next[1:]
	return c, nil
}

// TestConnectionLimit accepts more connections than may be open on which no client has been authenticated.
func TestConnectionLimit(t *testing.T) {
	tests := []struct {
		name string
		// steps are addresses that connect; after "known ADDRESS" a client is authenticated there; "close ADDRESS" closes the connection.
		steps  []string
		closed []string
	}{
		{"as many as may be", []string{"a:1", "a:2", "a:3"}, nil},
		{"the oldest of the address that has most", []string{"b:1", "a:1", "a:2", "a:3"}, []string{"a:1"}},
		{"each time", []string{"a:1", "a:2", "a:3", "a:4", "a:5"}, []string{"a:1", "a:2"}},
		{"not a connection with an authenticated client", []string{"a:1", "known a:1", "a:2", "a:3", "a:4", "a:5"}, []string{"a:2"}},
		{"the oldest authenticated one of the address that has most", []string{"b:1", "known b:1", "a:1", "known a:1", "a:2", "known a:2"}, []string{"a:1"}},
		{"an authenticated one that comes again", []string{"a:1", "known a:1", "a:1", "known a:1", "known a:1", "a:2", "known a:2", "a:3", "known a:3"}, []string{"a:1"}},
		{"not a connection that was closed", []string{"a:1", "a:2", "a:3", "close a:1", "a:4"}, nil},
		{"an address that comes again", []string{"a:1", "close a:1", "a:1", "a:2", "a:3", "a:4"}, []string{"a:1"}},
		{"an address that comes again before it was closed", []string{"a:1", "a:1", "a:2", "a:3", "a:4", "a:5", "a:6"}, []string{"a:1", "a:2", "a:3"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			registry := metrics.NewKubeRegistry()
			m, err := NewMetrics(registry.Register)
			if err != nil {
				t.Fatal(err)
			}
			listener := &queued{}
			limiter := newConnectionLimiter(listener, time.Second, m)
			limiter.max, limiter.maxKnown = 3, 2
			open, all, left := map[string]net.Conn{}, []*addressed{}, 0
			for _, step := range tt.steps {
				verb, address, ok := strings.Cut(step, " ")
				switch {
				case !ok:
					here, there := net.Pipe()
					defer here.Close()
					c := &addressed{Conn: there, remote: step}
					all, listener.next = append(all, c), append(listener.next, c)
					if open[step], err = limiter.Accept(); err != nil {
						t.Fatal(err)
					}
				case verb == "known":
					limiter.identify(address)
				default:
					if err := open[address].Close(); err != nil {
						t.Error(err)
					}
					left++
				}
			}
			var closed []string
			for _, c := range all {
				switch {
				case c.closed && left > 0: // Connections that the client closes are the first in each test.
					left--
				case c.closed:
					closed = append(closed, c.remote)
				}
			}
			if diff := cmp.Diff(tt.closed, closed); diff != "" {
				t.Errorf("closed (-want +got):\n%s", diff)
			}
			if len(limiter.open) > limiter.max || len(limiter.known) > limiter.maxKnown {
				t.Errorf("%d and %d connections are open", len(limiter.open), len(limiter.known))
			}
			if len(tt.closed) > 0 {
				reason := closedConnection
				if strings.Contains(tt.name, "authenticated one") {
					reason = closedIdentified
				}
				want := fmt.Sprintf("# HELP plimsoll_requests_refused_total [ALPHA] Requests that were refused, or that got a response without a body, and connections that were closed, by reason: so that other clients are served, or because no resource has the method.\n"+
					"# TYPE plimsoll_requests_refused_total counter\nplimsoll_requests_refused_total{reason=%q} %d\n", reason, len(tt.closed))
				if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "plimsoll_requests_refused_total"); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestAuthenticatedConnectionIsNotLimited authenticates a client, or does not: only a connection without an authenticated client stays in the limit.
func TestAuthenticatedConnectionIsNotLimited(t *testing.T) {
	tests := []struct {
		name  string
		user  user.DefaultInfo
		known bool
		want  int
	}{
		{"authenticated", user.DefaultInfo{Name: "ann", Groups: []string{user.AllAuthenticated}}, true, 0},
		{"anonymous", user.DefaultInfo{Name: user.Anonymous, Groups: []string{user.AllUnauthenticated}}, true, 1},
		{"refused", user.DefaultInfo{}, false, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			here, there := net.Pipe()
			defer here.Close()
			listener := &queued{next: []net.Conn{&addressed{Conn: there, remote: "a:1"}}}
			limiter := newConnectionLimiter(listener, time.Second, nil)
			c, err := limiter.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			chain := &handlerChain{connections: limiter}
			authenticate := chain.limitAuthentication(authenticator.RequestFunc(func(*http.Request) (*authenticator.Response, bool, error) {
				return &authenticator.Response{User: &tt.user}, tt.known, nil
			}))
			if _, _, err := authenticate.AuthenticateRequest(&http.Request{RemoteAddr: "a:1"}); err != nil {
				t.Fatal(err)
			}
			if got := len(limiter.open); got != tt.want {
				t.Errorf("%d connections are limited, want %d", got, tt.want)
			}
		})
	}
}
