package engine

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/klog/v2"
	"k8s.io/klog/v2/textlogger"
)

// TestReport wants the log to have what was found of an engine and what to do, once.
func TestReport(t *testing.T) {
	up := func(every time.Duration) string {
		now := time.Now().Truncate(every)
		return fmt.Sprintf(`{"metric":{"__name__":"up","node":"n1"},"values":[[%d,"1"],[%d,"1"]]}`, now.Add(-every).Unix(), now.Unix())
	}
	cpu := func(at time.Time) string {
		return fmt.Sprintf(`{"metric":{"__name__":"container_cpu_usage_seconds_total","node":"n1","namespace":"ns","pod":"n1","container":"c"},"values":[[%d,"1"]]}`, at.Unix())
	}
	for _, tt := range []struct {
		name   string
		series func() string
		want   []string
	}{
		{"as it should be", func() string { return cpu(time.Now().Truncate(resolution).Add(-time.Second)) + "," + up(resolution) },
			[]string{`"Engine is read" engine="http://engine" nodes=2 ofResource=1 ofCAdvisor=0 withKubeletTimes=1 scrapeInterval="15s" withoutSeries=1`, `no series of some nodes`}},
		{"times of the scrapes", func() string { return cpu(time.Now().Truncate(resolution)) + "," + up(resolution) }, []string{`withKubeletTimes=0`, `does not keep the kubelets' times`, `no series of some nodes`}},
		{"seldom", func() string { return cpu(time.Now().Truncate(time.Minute)) + "," + up(time.Minute) },
			[]string{`withKubeletTimes=0 scrapeInterval="1m0s"`, `does not keep`, `less often than it is queried`, `fewer than two samples`, `named=["n2"] label="node" valuesThatAreNoNode=3 namedValues="10.0.0.1 other zz`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t, nil)
				close(e.podsKnown)
				e.engine.fail(func(query string) (int, string, error) {
					if strings.HasPrefix(query, "group by") {
						return http.StatusOK, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"node":"other"},"value":[1,"1"]},{"metric":{"node":"10.0.0.1"},"value":[1,"1"]},{"metric":{"node":"n1"},"value":[1,"1"]},{"metric":{"node":"z` + strings.Repeat("z", 4000) + `"},"value":[1,"1"]}]}}`, nil
					}
					return http.StatusOK, `{"status":"success","data":{"resultType":"matrix","result":[` + tt.series() + `]}}`, nil
				})
				e.set("n1")
				e.set("n2")
				var log bytes.Buffer
				ctx, cancel := context.WithCancel(klog.NewContext(t.Context(), textlogger.NewLogger(textlogger.NewConfig(textlogger.Output(&log)))))
				done := make(chan error)
				go func() { done <- e.collector.Start(ctx) }()
				wait(time.Hour)
				cancel()
				if err := <-done; err != nil {
					t.Fatal(err)
				}
				for _, want := range tt.want {
					if n := len(regexp.MustCompile(regexp.QuoteMeta(want)).FindAllString(log.String(), -1)); n != 1 {
						t.Errorf("%d lines with %q in:\n%s", n, want, log.String())
					}
				}
				if n := strings.Count(log.String(), "\n"); n > 7 || log.Len() > 700*n {
					t.Errorf("%d lines:\n%s", n, log.String())
				}
			})
		})
	}
}

// TestNarrowing asks for the series of both endpoints until all nodes have those of one, and again now and then while a node has none.
func TestNarrowing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, nil)
		close(e.podsKnown)
		e.engine.use("n1", "n1", 0.5, 100, began(), 0)
		e.set("n1")
		e.start()
		isWide := func() (wide int) {
			e.engine.mu.Lock()
			defer e.engine.mu.Unlock()
			polls := map[time.Time]bool{} // A poll has several queries.
			for i, q := range e.engine.queries {
				if strings.HasPrefix(q, "{") && !strings.Contains(q, "id=") {
					polls[e.engine.times[i]] = true
				}
			}
			e.engine.queries, e.engine.times = nil, nil
			return len(polls)
		}
		wait(20 * resolution)
		if n := isWide(); n != 1 {
			t.Errorf("%d queries for both endpoints while all nodes have one, want the first", n)
		}
		e.set("n2")
		wait(20*resolution + time.Second)
		if n := isWide(); n != 2 {
			t.Errorf("%d queries for both endpoints of 20 while a node has none, want 2", n)
		}
	})
}

// TestReportWithoutEngine has each query fail: the log does not say that the engine is read.
func TestReportWithoutEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, nil)
		close(e.podsKnown)
		e.engine.fail(func(string) (int, string, error) { return http.StatusUnauthorized, "", nil })
		e.set("n1")
		var log bytes.Buffer
		ctx, cancel := context.WithCancel(klog.NewContext(t.Context(), textlogger.NewLogger(textlogger.NewConfig(textlogger.Output(&log)))))
		done := make(chan error)
		go func() { done <- e.collector.Start(ctx) }()
		wait(time.Hour)
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(log.String(), "Engine cannot be queried") || strings.Contains(log.String(), "Engine is read") {
			t.Errorf("log:\n%s", log.String())
		}
	})
}
