// Package framework tests that the real engines start, receive samples and return them, so that a failure elsewhere is none of the framework's.
package framework

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/plimsoll/plimsoll/test/framework/engines"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// line is one point in line protocol. The tag has a space, the field is an integer.
const line = "cpu/usage_rate,type=node,nodename=node\\ 1 value=42i %d\n"

func TestInfluxDB(t *testing.T) {
	e := engines.Started(t, engines.InfluxDB{Dir: t.TempDir()}.Start)
	if _, err := e.InfluxQL(t.Context(), "", `CREATE DATABASE k8s WITH NAME "default"`); err != nil {
		t.Fatal(err)
	}
	now := time.Now().Truncate(time.Second)
	post(t, e.URL+"/write?db=k8s&rp=default", "text/plain", fmt.Sprintf(line, now.UnixNano()))
	read := func() []engines.Table {
		t.Helper()
		tables, err := e.InfluxQL(t.Context(), "k8s", `SELECT value FROM "cpu/usage_rate" WHERE type = 'node' GROUP BY nodename`)
		if err != nil {
			t.Fatal(err)
		}
		if len(tables) != 1 || tables[0].Tags["nodename"] != "node 1" {
			t.Fatalf("series: %v", tables)
		}
		return tables
	}
	points, err := read()[0].Points("value")
	if err != nil || len(points) != 1 || points[0] != (engines.Point{Time: now, Value: 42}) {
		t.Errorf("points: %v, %v", points, err)
	}
	if _, err := e.InfluxQL(t.Context(), "k8s", "SELECT"); err == nil {
		t.Error("a query that is none has no error")
	}
	if _, err := e.InfluxQL(t.Context(), "none", "SELECT value FROM x"); err == nil {
		t.Error("the error inside a response with status 200 is none")
	}
	again(t, e)
	read()
}

func TestVictoriaMetrics(t *testing.T) {
	e := engines.Started(t, engines.VictoriaMetrics{Dir: t.TempDir(), Args: []string{"-search.latencyOffset=0s"}}.Start)
	now := time.Now().Truncate(time.Millisecond)
	post(t, e.URL+"/write", "text/plain", fmt.Sprintf(line, now.UnixNano()))
	check := func(ctx context.Context) error {
		return wantOne(ctx, e, `{__name__="cpu/usage_rate_value"}[1m]`, "nodename", "node 1", engines.Point{Time: now, Value: 42})
	}
	// It remembers for ten seconds that there was no such series.
	poll.Eventually(t, 20*time.Second, check)
	again(t, e)
	poll.Eventually(t, 20*time.Second, check)
}

func TestPrometheus(t *testing.T) {
	e := engines.Started(t, engines.Prometheus{Dir: t.TempDir()}.Start)
	now := time.Now().Truncate(time.Millisecond)
	post(t, e.URL+"/api/v1/otlp/v1/metrics", "application/json", fmt.Sprintf(otlp, now.UnixNano()))
	check := func(ctx context.Context) error {
		return wantOne(ctx, e, `{__name__=~"k8s_pod_cpu_usage.*"}[1m]`, "k8s_pod_name", "a", engines.Point{Time: now, Value: 0.25})
	}
	poll.Eventually(t, 10*time.Second, check)
	again(t, e)
	poll.Eventually(t, 10*time.Second, check)
}

// otlp is one point of a gauge.
const otlp = `{"resourceMetrics":[{"resource":{"attributes":[{"key":"k8s.pod.name","value":{"stringValue":"a"}}]},
"scopeMetrics":[{"metrics":[{"name":"k8s.pod.cpu.usage","unit":"{cpu}","gauge":{"dataPoints":[{"timeUnixNano":"%d","asDouble":0.25}]}}]}]}]}`

func TestCollector(t *testing.T) {
	c := engines.Started(t, func(ctx context.Context) (*engines.Collector, error) { return engines.StartCollector(ctx, t.TempDir()) })
	now := time.Now()
	post(t, c.URL+"/v1/metrics", "application/json", fmt.Sprintf(otlp, now.UnixNano()))
	poll.Eventually(t, 10*time.Second, func(context.Context) error {
		all, err := c.Received("k8s.pod.cpu.usage")
		if err != nil {
			return err
		}
		if len(all) != 1 || all[0].Labels["k8s.pod.name"] != "a" || all[0].Last().Value != 0.25 || !all[0].Last().Time.Equal(now) {
			return fmt.Errorf("received: %v, want 0.25 at %s", all, now)
		}
		return nil
	})
}

// wantOne wants one series with one label and one point.
func wantOne(ctx context.Context, e *engines.Engine, query, label, value string, point engines.Point) error {
	all, err := e.PromQL(ctx, query, nil)
	if err != nil {
		return err
	}
	if len(all) != 1 || len(all[0].Points) != 1 || all[0].Labels[label] != value {
		return fmt.Errorf("%s returns %v, want one point with %s=%s", query, all, label, value)
	}
	if got := all[0].Points[0]; !got.Time.Equal(point.Time) || math.Abs(got.Value-point.Value) > 1e-9 {
		return fmt.Errorf("%s returns %v, want %v", query, got, point)
	}
	return nil
}

func again(t *testing.T, e *engines.Engine) {
	t.Helper()
	if err := e.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := e.Again(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func post(t *testing.T, url, contentType, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, _ := io.ReadAll(answer.Body); answer.StatusCode/100 != 2 {
		t.Fatalf("POST %s: %s: %s", url, answer.Status, text)
	}
}
