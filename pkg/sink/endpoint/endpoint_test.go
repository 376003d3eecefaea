package endpoint

import (
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/export"
)

func newEndpoint(t *testing.T, c Config) *Endpoint {
	t.Helper()
	e, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func write(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// hidden is a text in another form: credentials themselves do not come out of a response.
func hidden(text string) string { return fmt.Sprintf("%q", strings.Split(text, "")) }

func TestCredentials(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, hidden(r.Header.Get("Authorization")), " ", r.Header.Get("X-Scope-OrgID"), " ", r.TLS.Version >= tls.VersionTLS12)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // a handshake fails
	server.StartTLS()
	defer server.Close()
	ca := write(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	tests := []struct {
		name   string
		config Config
		want   string
	}{
		{"none", Config{CAFile: ca}, hidden("") + "  true"},
		{"token and tenant", Config{CAFile: ca, TokenFile: write(t, "secret\n"), Header: map[string]string{"X-Scope-OrgID": "team-a"}}, hidden("Bearer secret") + " team-a true"},
		{"token of another scheme", Config{CAFile: ca, Token: "secret", TokenScheme: "Token", User: "me"}, hidden("Token secret") + "  true"},
		{"password of a file", Config{CAFile: ca, User: "me", Password: "old", PasswordFile: write(t, "pw\n")}, hidden("Basic bWU6cHc=") + "  true"},
		{"password, not verified", Config{Insecure: true, User: "me", Password: "pw"}, hidden("Basic bWU6cHc=") + "  true"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.config.URL = server.URL + "/write?db=k8s"
			resp, err := newEndpoint(t, tt.config).Post(t.Context(), "", nil, nil)
			if err != nil || string(resp.Body) != tt.want {
				t.Errorf("response %q, want %q, error %v", resp.Body, tt.want, err)
			}
		})
	}
	t.Run("unknown authority", func(t *testing.T) {
		_, err := newEndpoint(t, Config{URL: server.URL + "/write?token=hidden"}).Post(t.Context(), "", nil, nil)
		if err == nil || !strings.Contains(err.Error(), "certificate") || strings.Contains(err.Error(), "hidden") || !strings.Contains(err.Error(), server.URL+"/write: ") {
			t.Errorf("error %v", err)
		}
	})
}

func TestConfigurationsThatAreRefused(t *testing.T) {
	tests := []struct {
		name   string
		config Config
		want   string
	}{
		{"user in the URL", Config{URL: "http://me:hidden@h/"}, "give it by the options"},
		{"no scheme", Config{URL: "prometheus:9090/api"}, "neither http:// nor https://"},
		{"no host", Config{URL: "http:///x"}, "neither http:// nor https://"},
		{"malformed", Config{URL: "http://h/%zz?hidden"}, "malformed"},
		{"no CA file", Config{URL: "https://h/", CAFile: "/does/not/exist"}, "/does/not/exist"},
		{"no token", Config{URL: "https://h/", TokenFile: "/does/not/exist"}, "/does/not/exist"},
		{"empty token", Config{URL: "https://h/", TokenFile: write(t, "\n")}, "not one line"},
		{"two lines for a password", Config{URL: "https://h/", User: "me", PasswordFile: write(t, "a\nb")}, "not one line"},
		{"certificate without key", Config{URL: "https://h/", CertFile: write(t, "x")}, "one of them is missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(tt.config)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hidden") {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestTokenIsReadAgain(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, hidden(r.Header.Get("Authorization"))) }))
	defer server.Close()
	file := write(t, "first")
	e := newEndpoint(t, Config{URL: server.URL, TokenFile: file})
	for _, want := range []string{"first", "second"} {
		if err := os.WriteFile(file, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		if resp, err := e.Post(t.Context(), "", nil, nil); err != nil || string(resp.Body) != hidden("Bearer "+want) {
			t.Errorf("response %q, error %v", resp.Body, err)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Post(t.Context(), "", nil, nil); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("error %v", err)
	}
}

func TestTargets(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL) }))
	defer server.Close()
	for _, tt := range []struct{ url, target, want string }{
		{"", "", "/"},
		{"/api/v1/write?x=y", "", "/api/v1/write?x=y"},
		{"/", "/write?db=k8s", "/write?db=k8s"},
		{"/influx", "/write?db=k8s", "/influx/write?db=k8s"},
	} {
		if resp, err := newEndpoint(t, Config{URL: server.URL + tt.url}).Post(t.Context(), tt.target, nil, nil); err != nil || string(resp.Body) != tt.want {
			t.Errorf("%q and %q: requested %q, want %q, error %v", tt.url, tt.target, resp.Body, tt.want, err)
		}
	}
}

func TestResponseIsBounded(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range 64 {
			if _, err := io.WriteString(w, strings.Repeat("x", 64<<10)); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	resp, err := newEndpoint(t, Config{URL: server.URL}).Post(t.Context(), "", nil, nil)
	if err != nil || len(resp.Body) != maxBody {
		t.Errorf("%d bytes, error %v", len(resp.Body), err)
	}
}

func TestTimeout(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	_, err := newEndpoint(t, Config{URL: server.URL, Timeout: 50 * time.Millisecond}).Post(t.Context(), "", nil, nil)
	if err == nil || errors.Is(err, export.ErrRejected) {
		t.Errorf("error %v", err)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "30": 30 * time.Second, "-1": 0, "soon": 0, "99999999999999999999": 0,
		"Sun, 29 Nov 2026 10:01:00 GMT": time.Minute, "Sun, 29 Nov 2026 09:00:00 GMT": 0,
	} {
		if got := retryAfter(value, now); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func TestStatusesThatAProtocolRejects(t *testing.T) {
	r := Response{Status: http.StatusInternalServerError}
	if err := r.Err(time.Now()); errors.Is(err, export.ErrRejected) {
		t.Errorf("error %v", err)
	}
	if err := r.Err(time.Now(), http.StatusInternalServerError); !errors.Is(err, export.ErrRejected) {
		t.Errorf("error %v", err)
	}
}
