package engines

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// answering is an engine that gives every query one answer.
func answering(t *testing.T, status int, body string) *Engine {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return &Engine{URL: server.URL}
}

func TestPromQL(t *testing.T) {
	at := time.UnixMilli(1_785_924_000_250)
	tests := []struct {
		name   string
		status int
		body   string
		want   []Series
		err    string
	}{
		{"a vector", 200, `{"status":"success","data":{"result":[{"metric":{"pod":"a"},"value":[1785924000.25,"0.5"]}]}}`,
			[]Series{{Labels: map[string]string{"pod": "a"}, Points: []Point{{at, 0.5}}}}, ""},
		{"a matrix", 200, `{"status":"success","data":{"result":[{"metric":{},"values":[[1785924000.25,"1"],[1785924001.25,"2"]]}]}}`,
			[]Series{{Labels: map[string]string{}, Points: []Point{{at, 1}, {at.Add(time.Second), 2}}}}, ""},
		{"nothing", 200, `{"status":"success","data":{"result":[]}}`, []Series{}, ""},
		{"a warning", 200, `{"status":"success","warnings":["a store is away"],"data":{"result":[]}}`, nil, "a store is away"},
		{"an error", 422, `{"status":"error","error":"bad query"}`, nil, "bad query"},
		{"no JSON", 200, `<html>`, nil, "read the answer"},
		{"a sample that is none", 200, `{"status":"success","data":{"result":[{"metric":{},"value":[1]}]}}`, nil, "is no pair"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := answering(t, tt.status, tt.body).PromQL(t.Context(), "up", nil)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("series (-want +got):\n%s", diff)
			}
			wantError(t, err, tt.err)
		})
	}
}

func TestInfluxQL(t *testing.T) {
	at := time.Unix(0, 1_785_924_000_123_456_789)
	tests := []struct {
		name, body string
		want       []Point
		err        string
	}{
		{"integers and nulls", `{"results":[{"series":[{"name":"m","columns":["time","value"],"values":[[1785924000123456789,7],[1785924000123456790,null]]}]}]}`,
			[]Point{{at, 7}}, ""},
		{"an error inside a result", `{"results":[{"error":"database not found: k8s"}]}`, nil, "database not found"},
		{"an error", `{"error":"no query"}`, nil, "no query"},
		{"another column", `{"results":[{"series":[{"name":"m","columns":["time","sum"]}]}]}`, nil, "has no column value"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tables, err := answering(t, 200, tt.body).InfluxQL(t.Context(), "k8s", "SELECT value FROM m")
			var got []Point
			if err == nil && len(tables) == 1 {
				got, err = tables[0].Points("value")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("points (-want +got):\n%s", diff)
			}
			wantError(t, err, tt.err)
		})
	}
}

func TestByKeyRefusesTwoOfOneKey(t *testing.T) {
	twice := []Series{{Labels: map[string]string{"pod": "a", "job": "x"}}, {Labels: map[string]string{"pod": "a", "job": "y"}}}
	if _, err := ByKey(twice, "pod"); err == nil {
		t.Error("one series hides the other")
	}
	if found, err := ByKey(twice, "pod", "job"); err != nil || len(found) != 2 {
		t.Errorf("%v, %v", found, err)
	}
}

// collected is what the collector's debug exporter writes of two batches: the second continues a series of the first.
const collected = `ResourceMetrics #0
Resource SchemaURL: 
Resource attributes:
     -> k8s.pod.name: Str(a)
ScopeMetrics #0
Metric #0
Descriptor:
     -> Name: k8s.pod.cpu.usage
     -> Unit: {cpu}
     -> DataType: Gauge
NumberDataPoints #0
Data point attributes:
     -> state: Str(used (all))
StartTimestamp: 1970-01-01 00:00:00 +0000 UTC
Timestamp: 2026-08-05 10:00:00.5 +0000 UTC
Value: 0.250000
ResourceMetrics #1
Resource attributes:
     -> k8s.pod.name: Str(a)
Metric #0
Descriptor:
     -> Name: k8s.pod.memory.working_set
NumberDataPoints #0
Timestamp: 2026-08-05 10:00:00.5 +0000 UTC
Value: 7
Metric #1
Descriptor:
     -> Name: k8s.pod.cpu.usage
NumberDataPoints #0
Data point attributes:
     -> state: Str(used (all))
Timestamp: 2026-08-05 10:00:01.5 +0000 UTC
Value: 0.500000
`

func TestReadText(t *testing.T) {
	got, err := readText(strings.NewReader(collected), "k8s.pod.cpu.usage")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 8, 5, 10, 0, 0, 500_000_000, time.UTC)
	want := []Series{{Labels: map[string]string{"k8s.pod.name": "a", "state": "used (all)"}, Points: []Point{{at, 0.25}, {at.Add(time.Second), 0.5}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, bad := range []string{"Timestamp: yesterday\n", "     -> Name: m\nValue: many\n"} {
		if _, err := readText(strings.NewReader(bad), "m"); err == nil {
			t.Errorf("%q has no error", bad)
		}
	}
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}
