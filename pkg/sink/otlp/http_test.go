package otlp

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	collectorpb "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"

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
		c.Endpoint.URL = server.URL + "/v1/metrics"
		if change != nil {
			change(c)
		}
	})
}

func TestRequestOverHTTP(t *testing.T) {
	for _, encoding := range []string{"", "gzip"} {
		t.Run(encoding, func(t *testing.T) {
			var got []string
			s := receiver(t, func(c *Config) { c.Gzip = encoding != "" }, func(_ http.ResponseWriter, r *http.Request, body []byte) {
				if r.Method != http.MethodPost || r.URL.Path != "/v1/metrics" || r.Header.Get("Content-Type") != contentType || r.Header.Get("Content-Encoding") != encoding {
					t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
				}
				if encoding != "" {
					body = unzip(t, body)
				}
				got = decode(t, body)
			})
			if err := s.Send(t.Context(), usagerecord.Encode(t, s, usagerecord.Container())[0]); err != nil {
				t.Fatal(err)
			}
			if len(got) != 5 {
				t.Errorf("received %q", got)
			}
		})
	}
}

// marshal returns the message as a receiver sends it.
func marshal(t testing.TB, m proto.Message) string {
	t.Helper()
	body, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestResponsesOverHTTP(t *testing.T) {
	partial := func(rejected int64, text string) string {
		return marshal(t, &collectorpb.ExportMetricsServiceResponse{
			PartialSuccess: &collectorpb.ExportMetricsPartialSuccess{RejectedDataPoints: rejected, ErrorMessage: text},
		})
	}
	tests := []struct {
		name   string
		status int
		body   string
		plain  bool
		after  string
		want   outcome
	}{
		{name: "taken", status: 200, body: marshal(t, &collectorpb.ExportMetricsServiceResponse{})},
		{name: "taken, with a remark", status: 200, body: partial(0, "use another name")},
		{name: "taken, and answered otherwise", status: 200, body: "OK", plain: true},
		{name: "a part refused", status: 200, body: partial(3, "too old"), want: outcome{partly: 3, text: "too old"}},
		{name: "malformed", status: 400, body: marshal(t, &status.Status{Message: "bad data"}), want: outcome{rejected: true, text: "status 400: bad data"}},
		{name: "malformed, in text", status: 400, body: "bad data\n", plain: true, want: outcome{rejected: true, text: "status 400: bad data"}},
		{name: "permanent error", status: 500, want: outcome{rejected: true, text: "status 500"}},
		{name: "unauthorized", status: 401, want: outcome{text: "status 401"}},
		{name: "forbidden", status: 403, want: outcome{text: "status 403"}},
		{name: "no such path", status: 404, want: outcome{text: "status 404"}},
		{name: "overloaded", status: 429, after: "9", want: outcome{later: 9 * time.Second, text: "status 429"}},
		{name: "bad gateway", status: 502, want: outcome{text: "status 502"}},
		{name: "unavailable", status: 503, after: "2", body: marshal(t, &status.Status{Message: "later"}), want: outcome{later: 2 * time.Second, text: "status 503: later"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := receiver(t, nil, func(w http.ResponseWriter, _ *http.Request, _ []byte) {
				w.Header().Set("Content-Type", contentType)
				if tt.plain {
					w.Header().Set("Content-Type", "text/plain")
				}
				w.Header().Set("Retry-After", tt.after)
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			})
			tt.want.check(t, s.Send(t.Context(), usagerecord.Encode(t, s, usagerecord.Container())[0]))
		})
	}
}

// outcome is what an error of Send says. Its text is a part of the error's.
type outcome struct {
	rejected bool
	partly   int
	later    time.Duration
	text     string
}

func (want outcome) check(t *testing.T, err error) {
	t.Helper()
	got := outcome{rejected: errors.Is(err, export.ErrRejected)}
	if partly, ok := errors.AsType[*export.PartlyRejectedError](err); ok {
		got.partly = partly.Points
	}
	if later, ok := errors.AsType[*export.RetryLaterError](err); ok {
		got.later = later.After
	}
	if err != nil {
		got.text = err.Error()
		if strings.Contains(got.text, want.text) && want.text != "" {
			got.text = want.text
		}
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
