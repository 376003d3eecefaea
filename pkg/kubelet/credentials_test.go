package kubelet

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/transport"
)

// TestWrappersOfTheClusterAreUsed has a wrapper of the cluster's configuration, as a credentials plugin adds one, see every request.
func TestWrappersOfTheClusterAreUsed(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Wrapped") != "yes" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer server.Close()
	config := &rest.Config{}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return wrapper{next} })
	if err := getOnce(t, server.URL, Config{InsecureTLS: true}, config); err != nil {
		t.Error(err)
	}
}

type wrapper struct{ next http.RoundTripper }

func (w wrapper) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Wrapped", "yes")
	return w.next.RoundTrip(r)
}

// TestWrapperThatSendsTwice has a wrapper send a second request before it has read the response to the first one: the connection carries one.
func TestWrapperThatSendsTwice(t *testing.T) {
	server := newTestServer(t, func(w http.ResponseWriter, _ *http.Request) { write(w, 10) })
	cluster := &rest.Config{}
	second := make(chan error, 1)
	cluster.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return transportFunc(func(r *http.Request) (*http.Response, error) {
			first, err := next.RoundTrip(r)
			_, again := next.RoundTrip(r)
			second <- again
			return first, err
		})
	})
	var c Conn
	defer c.Close()
	got, err := server.get(t, &c, newTestClient(t, Config{InsecureTLS: true, Policy: loopbackPolicy}, cluster))
	if len(got) != 10 || err != nil {
		t.Errorf("the first request: %q, %v", got, err)
	}
	if err := <-second; err == nil {
		t.Error("the second request was sent too")
	}
}

// TestTokenFileIsReadAgain has the token of a file change, and the file go.
func TestTokenFileIsReadAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	writeFile(t, file, []byte("first"))
	synctest.Test(t, func(t *testing.T) {
		tokens := newTokenClient(t, &transport.Config{BearerToken: "static", BearerTokenFile: file})
		tokens.check(t, "Bearer first")
		writeFile(t, file, []byte("second"))
		tokens.check(t, "Bearer first")
		<-time.After(time.Minute)
		tokens.check(t, "Bearer second")
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Hour)
		tokens.check(t, "Bearer second")
	})
}

func TestTokenFileThatCannotBeRead(t *testing.T) {
	if _, err := newCredentials(&transport.Config{BearerTokenFile: "/none"}); err == nil {
		t.Error("a client without any token is made")
	}
	synctest.Test(t, func(t *testing.T) {
		newTokenClient(t, &transport.Config{BearerToken: "static", BearerTokenFile: "/none"}).check(t, "Bearer static")
	})
}

// tokenClient sends requests over two connections and checks the token of each.
type tokenClient struct {
	client *Client
	conns  [2]Conn
	got    string
}

func newTokenClient(t *testing.T, config *transport.Config) *tokenClient {
	t.Helper()
	withCredentials, err := newCredentials(config)
	if err != nil {
		t.Fatal(err)
	}
	c := &tokenClient{}
	server := transportFunc(func(r *http.Request) (*http.Response, error) {
		c.got = r.Header.Get("Authorization")
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(http.NoBody), Request: r}, nil
	})
	c.client = &Client{memory: newUnlimitedMemory(), transport: func(*Conn) (http.RoundTripper, error) { return withCredentials(server) }}
	return c
}

func (c *tokenClient) check(t *testing.T, want string) {
	t.Helper()
	for i := range c.conns {
		body, _, err := c.client.Get(t.Context(), &c.conns[i], "https://a/", 100)
		if err != nil {
			t.Fatal(err)
		}
		body.Close()
		if c.got != want {
			t.Errorf("connection %d sent %q, want %q", i, c.got, want)
		}
	}
}
