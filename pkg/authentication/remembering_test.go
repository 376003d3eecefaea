package authentication

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/authenticatorfactory"
	"k8s.io/apiserver/pkg/authentication/request/headerrequest"
	"k8s.io/apiserver/pkg/authentication/user"
	testingclock "k8s.io/utils/clock/testing"
)

const lifetime = 10 * time.Second

var start = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// proxy names its headers as an API server may: each in its own case.
func proxy() *authenticatorfactory.RequestHeaderConfig {
	return &authenticatorfactory.RequestHeaderConfig{
		UsernameHeaders:     headerrequest.StaticStringSlice{"X-Other-User", "x-remote-user"},
		UIDHeaders:          headerrequest.StaticStringSlice{"x-remote-uid"},
		GroupHeaders:        headerrequest.StaticStringSlice{"X-REMOTE-GROUP"},
		ExtraHeaderPrefixes: headerrequest.StaticStringSlice{"x-remote-extra-"},
	}
}

// connection is one whose client showed certificates that end so long after start.
func connection(valid ...time.Duration) *tls.ConnectionState {
	c := &tls.ConnectionState{}
	for _, v := range valid {
		c.PeerCertificates = append(c.PeerCertificates, &x509.Certificate{NotAfter: start.Add(v)})
	}
	return c
}

// deciding counts how often it is asked, and lets in whom the header names, as an authenticator that removes what it has read.
type deciding struct {
	asked int
	err   error
}

func (d *deciding) AuthenticateRequest(req *http.Request) (*authenticator.Response, bool, error) {
	d.asked++
	name := req.Header.Get("X-Remote-User")
	req.Header.Del("X-Remote-User")
	if d.err != nil || name == "nobody" {
		return nil, false, d.err
	}
	return &authenticator.Response{User: &user.DefaultInfo{Name: name}}, true, nil
}

// attempt is a request at a time after start.
type attempt struct {
	after   time.Duration
	on      *tls.ConnectionState
	headers http.Header
}

func TestRemembering(t *testing.T) {
	ann, bob := http.Header{"X-Remote-User": {"ann"}}, http.Header{"X-Remote-User": {"bob"}}
	with := func(h http.Header, name string, values ...string) http.Header {
		h = h.Clone()
		h[name] = values
		return h
	}
	one, other, without := connection(time.Hour), connection(time.Hour), connection()
	large := strings.Repeat("x", maxHeaders)
	tests := []struct {
		name     string
		attempts []attempt
		asked    int
	}{
		{"the same again", []attempt{{0, one, ann}, {time.Second, one, ann}, {9 * time.Second, one, ann}}, 1},
		{"its time is over", []attempt{{0, one, ann}, {11 * time.Second, one, ann}}, 2},
		{"giving it again does not make it last", []attempt{{0, one, ann}, {9 * time.Second, one, ann}, {18 * time.Second, one, ann}}, 2},
		{"another connection", []attempt{{0, one, ann}, {0, other, ann}}, 2},
		{"another user", []attempt{{0, one, ann}, {0, one, bob}, {0, one, ann}, {0, one, bob}}, 2},
		{"another group", []attempt{{0, one, with(ann, "X-Remote-Group", "a")}, {0, one, with(ann, "X-Remote-Group", "a", "b")}}, 2},
		{"groups that look like one", []attempt{{0, one, with(ann, "X-Remote-Group", "a", "b")}, {0, one, with(ann, "X-Remote-Group", `a" "b`)}}, 2},
		{"another uid", []attempt{{0, one, with(ann, "X-Remote-Uid", "1")}, {0, one, ann}}, 2},
		{"another extra", []attempt{{0, one, with(ann, "X-Remote-Extra-Scope", "a")}, {0, one, with(ann, "X-Remote-Extra-Scope", "b")}}, 2},
		{"a header that nobody asks for", []attempt{{0, one, with(ann, "User-Agent", "a")}, {0, one, with(ann, "User-Agent", "b")}}, 1},
		{"a token", []attempt{{0, one, with(ann, "Authorization", "Bearer x")}, {0, one, with(ann, "Authorization", "Bearer x")}}, 2},
		{"a token beside what is known", []attempt{{0, one, ann}, {0, one, with(ann, "Authorization", "Bearer x")}}, 2},
		{"a token of a websocket", []attempt{{0, one, with(ann, "Sec-Websocket-Protocol", "x")}, {0, one, with(ann, "Sec-Websocket-Protocol", "x")}}, 2},
		{"a token after an empty one", []attempt{
			{0, one, with(ann, "Sec-Websocket-Protocol", "", "x")}, {0, one, with(ann, "Sec-Websocket-Protocol", "", "x")},
		}, 2},
		{"an empty token", []attempt{{0, one, with(ann, "Authorization", "")}, {0, one, with(ann, "Authorization", "")}}, 2},
		{"more than is kept", []attempt{{0, one, with(ann, "X-Remote-Extra-Scope", large)}, {0, one, with(ann, "X-Remote-Extra-Scope", large)}}, 2},
		{"more names than are kept", []attempt{{0, one, with(ann, "X-Remote-Extra-"+large)}, {0, one, with(ann, "X-Remote-Extra-"+large)}}, 2},
		{"no certificate", []attempt{{0, without, ann}, {0, without, ann}}, 2},
		{"no TLS", []attempt{{0, nil, ann}, {0, nil, ann}}, 2},
		{"who is refused", []attempt{{0, one, http.Header{"X-Remote-User": {"nobody"}}}, {0, one, http.Header{"X-Remote-User": {"nobody"}}}}, 2},
		{"who is anonymous", []attempt{{0, one, http.Header{"X-Remote-User": {user.Anonymous}}}, {0, one, http.Header{"X-Remote-User": {user.Anonymous}}}}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			clock := testingclock.NewFakeClock(start)
			next := &deciding{}
			r := NewRemembering(next, proxy(), lifetime, clock)
			for i, a := range tt.attempts {
				clock.SetTime(start.Add(a.after))
				response, ok, err := r.AuthenticateRequest(&http.Request{TLS: a.on, Header: a.headers.Clone()})
				if err != nil {
					t.Fatal(err)
				}
				if want := a.headers.Get("X-Remote-User"); ok != (want != "nobody") || ok && response.User.GetName() != want {
					t.Errorf("attempt %d: %v, %t, want %s", i, response, ok, want)
				}
			}
			if next.asked != tt.asked {
				t.Errorf("asked %d times, want %d", next.asked, tt.asked)
			}
		})
	}
}

// TestACertificateEndsWhatIsKnown has the first of the certificates that a client sent end what is remembered.
func TestACertificateEndsWhatIsKnown(t *testing.T) {
	for name, on := range map[string]*tls.ConnectionState{
		"the client's own": connection(5*time.Second, time.Hour), "one in between": connection(time.Hour, 5*time.Second),
	} {
		t.Run(name, func(t *testing.T) {
			clock := testingclock.NewFakeClock(start)
			next := &deciding{}
			r := NewRemembering(next, nil, lifetime, clock)
			var asked []int
			for range 4 {
				if _, _, err := r.AuthenticateRequest(&http.Request{TLS: on, Header: http.Header{"X-Remote-User": {"ann"}}}); err != nil {
					t.Fatal(err)
				}
				asked = append(asked, next.asked)
				clock.Step(2 * time.Second)
			}
			if diff := cmp.Diff([]int{1, 1, 1, 2}, asked); diff != "" {
				t.Errorf("asked by then (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnErrorIsNotRemembered(t *testing.T) {
	next := &deciding{err: errors.New("no authority yet")}
	r := NewRemembering(next, proxy(), lifetime, testingclock.NewFakeClock(start))
	req := &http.Request{TLS: connection(time.Hour), Header: http.Header{}}
	if _, ok, err := r.AuthenticateRequest(req); ok || !errors.Is(err, next.err) {
		t.Errorf("%t, %v", ok, err)
	}
	next.err = nil
	if _, ok, err := r.AuthenticateRequest(req); !ok || err != nil {
		t.Errorf("%t, %v after the error is gone", ok, err)
	}
}
