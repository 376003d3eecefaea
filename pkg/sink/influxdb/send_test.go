package influxdb

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/sink/endpoint"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// answers are what a server responds with to writes and to statements, one after the other; the last again and again.
type answers struct {
	write, query []string
	requests     []string
}

// ServeHTTP implements http.Handler. An answer is a status, and a body after a space.
func (a *answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	next := &a.write
	if strings.HasSuffix(r.URL.Path, "/query") {
		next = &a.query
		a.requests = append(a.requests, r.Method+" "+r.URL.String()+" "+string(body))
	} else {
		a.requests = append(a.requests, fmt.Sprintf("%s %s %s %s", r.Method, r.URL, r.Header.Get("Content-Encoding"), r.Header.Get("Authorization")))
	}
	status, text := 0, ""
	_, _ = fmt.Sscanf((*next)[0], "%d", &status)
	_, text, _ = strings.Cut((*next)[0], " ")
	if len(*next) > 1 {
		*next = (*next)[1:]
	}
	w.Header().Set("Location", "http://elsewhere.test/")
	w.Header().Set("Retry-After", "7")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// server starts a server that gives these answers, and returns a sink that sends to it, with the changes that f makes to its config.
func server(t *testing.T, a *answers, f func(*Config)) *Sink {
	t.Helper()
	if a.query == nil {
		a.query = []string{`200 {"results":[{"statement_id":0}]}`}
	}
	s := httptest.NewServer(a)
	t.Cleanup(s.Close)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	return newSink(t, func(c *Config) {
		c.Endpoint = endpoint.Config{URL: s.URL, Timeout: 5 * time.Second}
		if f != nil {
			f(c)
		}
	})
}

// TestAnswersDecideWhatBecomesOfThePayload has the answers of InfluxDB 1.6.7 as it gives them, those of the versions 2 and 3 by their documentation, and those
// of what may stand in front of them.
func TestAnswersDecideWhatBecomesOfThePayload(t *testing.T) {
	const (
		taken = iota
		rejected
		partly
		again
		later
	)
	tests := []struct {
		name, answer string
		want, points int
		text         string
	}{
		{"taken", "204", taken, 0, ""},
		{"taken by VictoriaMetrics", "200", taken, 0, ""},
		{"a field of another type", `400 {"error":"partial write: field type conflict: input field \"value\" on measurement \"cpu/usage_rate\" is type float, already exists as type integer dropped=2"}`, partly, 2, "field type conflict"},
		{"older than the retention", `400 {"error":"partial write: points beyond retention policy dropped=1"}`, partly, 1, "beyond retention policy"},
		{"a line that cannot be parsed", `400 {"error":"partial write: unable to parse 'garbage': missing fields dropped=0"}`, partly, 1, "unable to parse"},
		{"more dropped than sent", `400 {"error":"partial write: x dropped=999999999"}`, partly, 10, "x"},
		{"a number without end", `400 {"error":"partial write: x dropped=99999999999999999999"}`, partly, 10, "x"},
		{"nothing can be parsed", `400 {"error":"unable to parse 'garbage': missing fields"}`, rejected, 0, "unable to parse"},
		{"an error inside 200", `200 {"results":[{"error":"field type conflict"}]}`, rejected, 0, "field type conflict"},
		{"another error inside 200", `200 {"results":[{},{"error":"timeout"}]}`, again, 0, "timeout"},
		{"partly inside 200", `200 {"error":"partial write: field type conflict dropped=3"}`, partly, 3, "conflict"},
		{"version 2, partly", `422 {"code":"unprocessable entity","message":"failure writing points to database: partial write: points beyond retention policy dropped=4"}`, partly, 4, "beyond"},
		{"version 2, malformed", `400 {"code":"invalid","message":"unable to parse"}`, rejected, 0, "unable to parse"},
		{"version 2, no bucket", `404 {"code":"not found","message":"bucket \"k8s\" not found"}`, later, 0, "not found"},
		{"version 3, partly", `400 {"error":"partial write of line protocol occurred","data":[{"line_number":1},{"line_number":2}]}`, partly, 2, "partial write"},
		{"too large", "413", rejected, 0, "Too Large"},
		{"no rights", `401 {"error":"authorization failed"}`, later, 0, "authorization failed"},
		{"forbidden", `403 {"error":"not authorized to write"}`, later, 0, "not authorized"},
		{"busy", "429", later, 0, "429"},
		{"broken", `500 {"error":"timeout"}`, later, 0, "timeout"},
		{"away", "503 <html>" + strings.Repeat("x", 1<<20), later, 0, "<html>"},
		{"elsewhere", "302", later, 0, "redirects are not followed"},
		{"no database", `404 {"error":"database not found: \"k8s\""}`, again, 0, "database not found"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := server(t, &answers{write: []string{tt.answer}}, nil).Send(t.Context(), export.Payload{Points: 10})
			var part *export.PartlyRejectedError
			var pause *export.RetryLaterError
			got, points := again, 0
			switch {
			case err == nil:
				got = taken
			case errors.As(err, &part):
				got, points = partly, part.Points
			case errors.Is(err, export.ErrRejected):
				got = rejected
			case errors.As(err, &pause):
				got = later
			}
			if got != tt.want || points != tt.points {
				t.Errorf("%d with %d points, want %d with %d: %v", got, points, tt.want, tt.points, err)
			}
			if err != nil && (!strings.Contains(err.Error(), tt.text) || len(err.Error()) > 400) {
				t.Errorf("error %q, want one with %q", err, tt.text)
			}
		})
	}
}

func TestRequests(t *testing.T) {
	tests := []struct {
		name   string
		config func(*Config)
		want   []string
	}{
		{"default", nil, []string{
			"POST /query q=CREATE+DATABASE+%22k8s%22+WITH+NAME+%22default%22", "POST /write?db=k8s&precision=ns gzip ", "POST /write?db=k8s&precision=ns gzip ",
		}},
		{"with a password", func(c *Config) { c.Endpoint.User, c.Endpoint.Password, c.Retention = "root", "root", 30*24*time.Hour }, []string{
			"POST /query q=CREATE+DATABASE+%22k8s%22+WITH+DURATION+2592000s+NAME+%22default%22",
			"POST /write?db=k8s&precision=ns gzip Basic cm9vdDpyb290", "POST /write?db=k8s&precision=ns gzip Basic cm9vdDpyb290",
		}},
		{"a name that has to be quoted, below a path", func(c *Config) { c.Endpoint.URL += "/influx/"; c.Database = "a\"b\\ &c" }, []string{
			`POST /influx/query q=CREATE+DATABASE+%22a%5C%22b%5C%5C+%26c%22+WITH+NAME+%22default%22`,
			"POST /influx/write?db=a%22b%5C+%26c&precision=ns gzip ", "POST /influx/write?db=a%22b%5C+%26c&precision=ns gzip ",
		}},
		{"version 2", func(c *Config) { c.Bucket, c.Organization, c.Endpoint.Token = "k8s", "my org", "secret" }, []string{
			"POST /api/v2/write?bucket=k8s&org=my+org&precision=ns gzip Token secret", "POST /api/v2/write?bucket=k8s&org=my+org&precision=ns gzip Token secret",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := &answers{write: []string{"204"}}
			s := server(t, a, tt.config)
			for range 2 {
				if err := s.Send(t.Context(), export.Payload{}); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(tt.want, a.requests); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestDatabase has the answers to CREATE DATABASE, and then a write to a database that is there, or is not.
func TestDatabase(t *testing.T) {
	const missing = `404 {"error":"database not found: \"k8s\""}`
	tests := []struct {
		name, query, write, want string
		statements               int
	}{
		{"created", `200 {"results":[{"statement_id":0}]}`, "204", "", 1},
		{"with another retention", `200 {"results":[{"error":"retention policy conflicts with an existing policy"}]}`, "204", "", 1},
		{"no right to create", `403 {"error":"create database not allowed"}`, "204", "", 1},
		{"no such API", "404 page not found", "204", "", 1},
		{"refused and missing", `200 {"results":[{"error":"not authorized to execute statement"}]}`, missing, "could not be created: not authorized", 2},
		{"rejected and missing", `400 {"error":"error parsing query"}`, missing, "error parsing query", 2},
		{"missing afterwards", `200 {"results":[{}]}`, missing, "it is created again", 2},
		{"away", `503`, "204", "status 503", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := &answers{query: []string{tt.query}, write: []string{tt.write}}
			s := server(t, a, nil)
			for range 2 {
				err := s.Send(t.Context(), export.Payload{Points: 1})
				if errors.Is(err, export.ErrRejected) {
					t.Errorf("the data would be dropped: %v", err)
				}
				if err == nil && tt.want != "" || err != nil && (tt.want == "" || !strings.Contains(err.Error(), tt.want)) {
					t.Errorf("error %v, want one with %q", err, tt.want)
				}
			}
			statements := 0
			for _, r := range a.requests {
				if strings.HasPrefix(r, "POST /query") {
					statements++
				}
			}
			if statements != tt.statements {
				t.Errorf("%d statements, want %d", statements, tt.statements)
			}
		})
	}
}
