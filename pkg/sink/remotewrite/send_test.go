package remotewrite

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/test/framework/usagerecord"
)

// receiver is a server whose handler has read the body, and a sink that sends to it.
func receiver(t *testing.T, change func(c *Config), handle func(w http.ResponseWriter, r *http.Request, body []byte)) *Sink {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		handle(w, r, body)
	}))
	t.Cleanup(server.Close)
	return newSink(t, func(c *Config) {
		c.Endpoint.URL = server.URL + "/api/v1/write"
		if change != nil {
			change(c)
		}
	})
}

func TestRequest(t *testing.T) {
	var got []string
	s := receiver(t, nil, func(_ http.ResponseWriter, r *http.Request, body []byte) {
		for name, want := range map[string]string{
			"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy", "X-Prometheus-Remote-Write-Version": "0.1.0",
		} {
			if value := r.Header.Get(name); value != want {
				t.Errorf("%s: %q, want %q", name, value, want)
			}
		}
		if agent := r.UserAgent(); !strings.HasPrefix(agent, "plimsoll/") {
			t.Errorf("User-Agent: %q", agent)
		}
		if r.Method != http.MethodPost || r.URL.Path != "/api/v1/write" {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		got = decode1(t, export.Payload{Body: body, Points: 3})
	})
	if err := s.Send(t.Context(), usagerecord.Encode(t, s, usagerecord.Container())[0]); err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 {
		t.Errorf("received %q", got)
	}
}

func TestResponses(t *testing.T) {
	tests := []struct {
		status   int
		header   http.Header
		body     string
		rejected bool
		later    time.Duration
		text     string
	}{
		{status: http.StatusOK},
		{status: http.StatusNoContent},
		{status: http.StatusBadRequest, body: "out of order sample\n", rejected: true, text: "status 400: out of order sample"},
		{status: http.StatusRequestEntityTooLarge, rejected: true, text: "status 413"},
		{status: http.StatusUnprocessableEntity, rejected: true, text: "status 422"},
		{status: http.StatusUnauthorized, text: "status 401: Unauthorized"},
		{status: http.StatusForbidden, text: "status 403"},
		{status: http.StatusNotFound, body: "remote write receiver needs to be enabled with --web.enable-remote-write-receiver", text: "needs to be enabled"},
		{status: http.StatusFound, header: http.Header{"Location": {"/elsewhere"}}, text: "status 302"},
		{status: http.StatusTooManyRequests, header: http.Header{"Retry-After": {"7"}}, later: 7 * time.Second, text: "status 429"},
		{status: http.StatusInternalServerError, body: strings.Repeat("x", 1<<20), text: "status 500: xxx"},
		{status: http.StatusServiceUnavailable, text: "status 503"},
	}
	for _, tt := range tests {
		t.Run(http.StatusText(tt.status), func(t *testing.T) {
			s := receiver(t, nil, func(w http.ResponseWriter, _ *http.Request, _ []byte) {
				maps.Copy(w.Header(), tt.header)
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			})
			err := s.Send(t.Context(), usagerecord.Encode(t, s, usagerecord.Container())[0])
			var later *export.RetryLaterError
			errors.As(err, &later)
			switch {
			case tt.text == "" && err != nil:
				t.Errorf("error %v", err)
			case tt.text != "" && (err == nil || !strings.Contains(err.Error(), tt.text) || len(err.Error()) > 400):
				t.Errorf("error %v, want one with %q", err, tt.text)
			case errors.Is(err, export.ErrRejected) != tt.rejected:
				t.Errorf("error %v: rejected %v", err, !tt.rejected)
			case (later != nil) != (tt.later > 0) || later != nil && later.After != tt.later:
				t.Errorf("to be sent again after %v", later)
			}
		})
	}
}
