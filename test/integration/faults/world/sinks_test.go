package world

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// receiver stands for the systems behind sinks. While it is away it accepts requests and does not respond.
type receiver struct {
	*httptest.Server
	away atomic.Bool
	// lost are the requests that it did not respond to.
	lost atomic.Int64
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		_, _ = io.Copy(io.Discard, request.Body)
		if r.away.Load() {
			r.lost.Add(1)
			<-request.Context().Done()
			return
		}
		if request.URL.Path == "/query" {
			_, _ = w.Write([]byte(`{"results":[{}]}`))
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// TestSinksGoAway has every system that a server sends usage to stop responding for a while. Scrapes and answers go on as before, and what was not delivered
// meanwhile is delivered afterwards.
func TestSinksGoAway(t *testing.T) {
	t.Parallel()
	to := newReceiver(t)
	server := another(t, nil, "--sink=influxdb:"+to.URL+"?interval=0&timeout=2s", "--sink=otlp:"+to.URL+"?timeout=2s", "--sink=prometheus:"+to.URL+"/api/v1/write?timeout=2s")
	client := direct(t, server, "sinks")
	settle(t, client)
	series := own(t, server)
	served := repeat(t, 100*time.Millisecond, autoscalerCall(client))
	seen := watch(t, client, 500*time.Millisecond)
	from := time.Now()
	pause(t, 2*size.resolution)

	away := time.Now()
	sent := sums(series(t), "plimsoll_sink_points_sent_total")
	to.away.Store(true)
	pause(t, size.away)
	during := series(t)
	to.away.Store(false)
	back := time.Now()
	poll.Eventually(t, 2*time.Minute, func(context.Context) error {
		if now := series(t); sums(now, "plimsoll_sink_lag_seconds") > 3*3 {
			return fmt.Errorf("%v wait", sums(now, "plimsoll_sink_queue_bytes"))
		}
		return nil
	})
	again := time.Since(back)
	served.end()
	seen.end()
	end, after := time.Now(), series(t)
	result{
		before: served.between(from, away).String(),
		during: fmt.Sprintf("%v; %v; %.0f KiB wait, %d requests without a response", served.between(away, back), seen.between(away, back),
			sums(during, "plimsoll_sink_queue_bytes")/1024, to.lost.Load()),
		after: fmt.Sprintf("%v; %.0f points sent, %.0f dropped", served.between(back, end),
			sums(after, "plimsoll_sink_points_sent_total")-sent, sums(after, "plimsoll_sink_points_dropped_total")),
		again: fmt.Sprintf("%.1f s", again.Seconds()),
	}.keep(t, "all sinks do not respond")
	served.between(from, end).requireServed(t, "the client")
	seen.between(from, end).requireComplete(t, "the nodes", size.resolution+2*time.Second)
	if lag := sums(during, "plimsoll_sink_lag_seconds"); lag < 3*(size.away-5*time.Second).Seconds() {
		t.Errorf("the lags add up to %v s while three sinks were away for %v", lag, size.away)
	}
	if dropped := sums(after, "plimsoll_sink_points_dropped_total"); dropped > 0 {
		t.Errorf("%v points were dropped", dropped)
	}
}

// sums adds up the series of a metric of sinks.
func sums(series map[string]float64, metric string) (sum float64) {
	for _, name := range []string{"influxdb", "otlp", "prometheus"} {
		for _, labels := range []string{`{sink="` + name + `"}`, `{reason="queue_full",sink="` + name + `"}`, `{reason="too_large",sink="` + name + `"}`} {
			sum += series[metric+labels]
		}
	}
	return sum
}
