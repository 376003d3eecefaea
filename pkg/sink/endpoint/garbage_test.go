package endpoint

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// respondWith is the address of a server that responds to each request with these bytes, and closes the connection.
func respondWith(t *testing.T, response string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.Copy(io.Discard, r.Body)
				_, _ = io.WriteString(conn, response)
			}
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = listener.Close(); <-done })
	return "http://" + listener.Addr().String()
}

// TestErrorsAreBounded has servers that send what is not HTTP, of which the library's errors repeat everything.
func TestErrorsAreBounded(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for _, tt := range []struct{ name, response, want string }{
		{"a line that is no status", long + "\r\n\r\n", "malformed HTTP response"},
		{"a status that is no number", "HTTP/1.1 " + long + "\r\n\r\n", "malformed HTTP status code"},
		{"a field without a colon", "HTTP/1.1 200 OK\r\n" + long + "\r\n\r\n", "malformed MIME header"},
		{"a location that is no URL", "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://[\x1b" + long + "\r\n\r\n", "Location"},
		{"a length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: " + long + "\r\n\r\n", "Content-Length"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newEndpoint(t, Config{URL: respondWith(t, tt.response), Timeout: 10 * time.Second}).Post(t.Context(), "", nil, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) || errors.Is(err, export.ErrRejected) {
				t.Fatalf("error %.300v, want one with %q", err, tt.want)
			}
			if text := err.Error(); len(text) > 300 || strings.Contains(text, "\x1b") {
				t.Errorf("the error has %d bytes: %.300q", len(text), text)
			}
		})
	}
}

// TestCredentialsThatAreRepeated has a server repeat the request in what it says: as an error, and in a success.
func TestCredentialsThatAreRepeated(t *testing.T) {
	for _, tt := range []struct {
		name   string
		config Config
		want   string
	}{
		{"a token", Config{TokenFile: write(t, "sesame-open\n")}, "Bearer ***********, key: , tenant: , plain: sesame"},
		{"a password", Config{User: "me", PasswordFile: write(t, "sesame-open\n")}, "Basic ********************, key: , tenant: , plain: sesame"},
		{"a header", Config{Header: map[string]string{"X-Key": "sesame", "X-Scope-OrgID": "platform"}}, ", key: ******, tenant: platform, plain: ******"},
		{"a short password is a part of other words", Config{User: "root", Password: "root"}, "Basic ************, key: , tenant: , plain: sesame"},
	} {
		for _, status := range []int{http.StatusOK, http.StatusUnauthorized} {
			t.Run(fmt.Sprint(tt.name, " ", status), func(t *testing.T) {
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.WriteHeader(status)
					fmt.Fprintf(w, "%s, key: %s, tenant: %s, plain: sesame", r.Header.Get("Authorization"), r.Header.Get("X-Key"), r.Header.Get("X-Scope-OrgID"))
				}))
				defer server.Close()
				tt.config.URL = server.URL
				resp, err := newEndpoint(t, tt.config).Post(t.Context(), "", nil, nil)
				if err != nil || string(resp.Body) != tt.want {
					t.Errorf("response %q, error %v, want %q", resp.Body, err, tt.want)
				}
			})
		}
	}
	plain := Config{User: "me", Password: "sesame-open"}
	if got := string(plain.Redact([]byte("wrong password sesame-open of me"))); got != "wrong password *********** of me" {
		t.Errorf("the password itself: %q", got)
	}
}

// TestOpenedErrorHasNoCredentials is about responses whose body the caller reads.
func TestOpenedErrorHasNoCredentials(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, r.Header.Get("Authorization"))
	}))
	defer server.Close()
	resp, err := newEndpoint(t, Config{URL: server.URL, Token: "sesame"}).Open(t.Context(), "", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || string(text) != "Bearer ******" {
		t.Errorf("body %q, error %v", text, err)
	}
}

// TestTimeoutHasOneText, whichever of the timeouts ends a request, so that it is not logged as a new error.
func TestTimeoutHasOneText(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	soon, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, callers := newEndpoint(t, Config{URL: server.URL}).Post(soon, "", nil, nil)
	_, own := newEndpoint(t, Config{URL: server.URL, Timeout: 20 * time.Millisecond}).Post(t.Context(), "", nil, nil)
	if want := server.URL + ": no response in time: context deadline exceeded"; callers == nil || own == nil || callers.Error() != want || own.Error() != want {
		t.Errorf("errors %v and %v, want %q", callers, own, want)
	}
}
