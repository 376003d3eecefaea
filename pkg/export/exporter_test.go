package export

import (
	"context"
	"encoding/json"
	"iter"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/testutil"
	"k8s.io/klog/v2"
	"k8s.io/klog/v2/ktesting"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// TestChangesOfASecondAreDeliveredTogether.
func TestChangesOfASecondAreDeliveredTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, f := observerOf(100), &fakeSink{}
		stop := start(t, New([]ObservedCluster{clusterOf(o)}, []Sink{sinkOf(f)}))
		time.Sleep(1100 * time.Millisecond) // What comes sooner is found and not received.
		for i := range uint64(6) {
			o.Enqueue(nodeEvent("n", i+1))
			time.Sleep(500 * time.Millisecond)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if diff := cmp.Diff([]string{"n n", "n n", "n n"}, f.received()); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
		stop()
	})
}

// TestFeedsAreExported has records that no event brings, and a sink that wants the first only.
func TestFeedsAreExported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSink{}
		e := New([]ObservedCluster{clusterOf(observerOf(1))}, []Sink{sinkOf(f)})
		fed := false
		e.clusters[0].feeds = append(e.clusters[0].feeds, func(time.Time, iter.Seq[usage.Event]) iter.Seq[*Record] {
			if fed {
				return nil
			}
			fed = true
			return slices.Values([]*Record{{Level: Node, Node: "fed"}, {Level: Namespace, Namespace: "sum"}})
		})
		stop := start(t, e)
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if diff := cmp.Diff([]string{"fed"}, f.received()); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
		stop()
	})
}

// TestLostChangesAreLogged has more events come in a second than the observer keeps, twice, and once before the first.
func TestLostChangesAreLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logger := ktesting.NewLogger(ktesting.NopTL{}, ktesting.NewConfig(ktesting.BufferLogs(true)))
		o, f := observerOf(2), &fakeSink{}
		ctx, cancel := context.WithCancel(klog.NewContext(t.Context(), logger))
		done := make(chan error)
		go func() { done <- New([]ObservedCluster{clusterOf(o)}, []Sink{sinkOf(f)}).Start(ctx) }()
		lines := func() int { return len(logger.GetSink().(ktesting.Underlier).GetBuffer().Data()) }
		for i, want := range []int{0, 1, 1} {
			for version := range uint64(3) {
				o.Enqueue(nodeEvent("n", 10*uint64(i)+version+1))
			}
			time.Sleep(1500 * time.Millisecond)
			if got := lines(); got != want {
				t.Errorf("%d lines after %d times, want %d", got, i+1, want)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// TestQueueIsFlushedAtTheEnd, for five seconds at most.
func TestQueueIsFlushedAtTheEnd(t *testing.T) {
	for _, tc := range []struct {
		name string
		// takes is how long the sink needs for a payload; down is for how long from the start it fails.
		takes, down time.Duration
		sent        []string
		within      time.Duration
		dropped     int
	}{
		{"what was published last", 0, 0, []string{"a", "b"}, 0, 0},
		{"a slow sink", 2 * time.Second, 0, []string{"a", "b"}, 5 * time.Second, 0},
		{"a sink that is too slow", 8 * time.Second, 0, nil, 5 * time.Second, 2},
		{"a sink that comes back, in a long pause", 0, time.Minute, []string{"a", "b"}, 0, 0},
		{"a sink that is down", 0, time.Hour, nil, 5 * time.Second, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				o, f := observerOf(100), &fakeSink{}
				f.answer = func(ctx context.Context, _ string) error {
					if time.Since(began) < tc.down {
						return errDown
					}
					select {
					case <-time.After(tc.takes):
						return nil
					case <-ctx.Done():
						return ctx.Err()
					}
				}
				e := New([]ObservedCluster{clusterOf(o)}, []Sink{sinkOf(f)})
				stop := start(t, e)
				o.Enqueue(nodeEvent("lost in the resync of the start", 1))
				time.Sleep(1500 * time.Millisecond)
				o.Enqueue(nodeEvent("a", 1))
				time.Sleep(tc.down%time.Hour + time.Second)
				o.Enqueue(nodeEvent("b", 2))
				synctest.Wait()
				ends := time.Now()
				stop()
				if diff := cmp.Diff(tc.sent, f.received()); diff != "" {
					t.Errorf("sent (-want +got):\n%s", diff)
				}
				if took := time.Since(ends); took > tc.within {
					t.Errorf("the end took %v", took)
				}
				if s := e.Status()[0]; s.Dropped[shutdown] != tc.dropped || s.QueueBytes != 0 {
					t.Errorf("status %+v, want %d points dropped", s, tc.dropped)
				}
			})
		})
	}
}

// closer counts how often it is closed.
type closer struct {
	*fakeSink
	closed int
}

func (c *closer) Close() error { c.closed++; return nil }

func TestSendersAreClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &closer{fakeSink: &fakeSink{}}
		stop := start(t, New([]ObservedCluster{clusterOf(observerOf(1))}, []Sink{sinkOf(c.fakeSink, func(s *Sink) { s.Sender = c })}))
		synctest.Wait()
		if stop(); c.closed != 1 {
			t.Errorf("closed %d times", c.closed)
		}
	})
}

// TestASinkThatIsDownDelaysNoOther.
func TestASinkThatIsDownDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, quick := observerOf(100), &fakeSink{}
		var down atomic.Int64
		slow := &fakeSink{answer: func(ctx context.Context, _ string) error { down.Add(1); <-ctx.Done(); return ctx.Err() }}
		stop := start(t, New([]ObservedCluster{clusterOf(o)}, []Sink{sinkOf(slow), sinkOf(quick)}))
		time.Sleep(1500 * time.Millisecond)
		for i := range uint64(20) {
			o.Enqueue(nodeEvent("node", i+1))
			time.Sleep(time.Second)
		}
		if got := len(quick.received()); got != 20 || down.Load() == 0 {
			t.Errorf("%d of 20 were delivered, %d tries of the other sink", got, down.Load())
		}
		stop()
	})
}

func TestStatusAndMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := observerOf(100)
		f := &fakeSink{answer: func(context.Context, string) error { return errDown }}
		e := New([]ObservedCluster{clusterOf(o)}, []Sink{sinkOf(f)})
		stop := start(t, e)
		time.Sleep(1500 * time.Millisecond)
		o.Enqueue(nodeEvent("n", 1))
		time.Sleep(2600 * time.Millisecond)
		w := httptest.NewRecorder()
		e.ServeHTTP(w, nil)
		var got []Status
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		at := time.Date(2000, 1, 1, 0, 0, 3, 0, time.UTC)
		want := []Status{{
			Name: "fake", Sink: `"fake:"`, QueueBytes: 1, QueueLimitBytes: 40, OldestSeconds: 2.1, Errors: 2, LastError: "the sink is down", LastErrorTime: got[0].LastErrorTime,
			Dropped: map[string]int{"queue_full": 0, "too_large": 0, "refused": 0, "shutdown": 0},
		}}
		if diff := cmp.Diff(want, got); diff != "" || got[0].LastErrorTime.Before(at) {
			t.Errorf("status (-want +got):\n%s", diff)
		}
		registry := metrics.NewKubeRegistry()
		registry.CustomMustRegister(e.Collector())
		if err := testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP plimsoll_sink_errors_total [ALPHA] Tries to deliver points that failed.
# TYPE plimsoll_sink_errors_total counter
plimsoll_sink_errors_total{sink="fake"} 2
# HELP plimsoll_sink_lag_seconds [ALPHA] How long the oldest points have waited to be delivered; 0 where none wait.
# TYPE plimsoll_sink_lag_seconds gauge
plimsoll_sink_lag_seconds{sink="fake"} 2.1
# HELP plimsoll_sink_points_dropped_total [ALPHA] Points that were not delivered, by reason: queue_full, too_large for the queue, refused although others are accepted, shutdown.
# TYPE plimsoll_sink_points_dropped_total counter
plimsoll_sink_points_dropped_total{reason="queue_full",sink="fake"} 0
plimsoll_sink_points_dropped_total{reason="refused",sink="fake"} 0
plimsoll_sink_points_dropped_total{reason="shutdown",sink="fake"} 0
plimsoll_sink_points_dropped_total{reason="too_large",sink="fake"} 0
`), "plimsoll_sink_errors_total", "plimsoll_sink_lag_seconds", "plimsoll_sink_points_dropped_total"); err != nil {
			t.Error(err)
		}
		stop()
	})
}

// TestWhatWasPublishedBeforeTheEndIsDelivered has the process end as soon as the exporter starts.
func TestWhatWasPublishedBeforeTheEndIsDelivered(t *testing.T) {
	f := &fakeSink{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := New([]ObservedCluster{clusterOf(observerOf(10, nodeEvent("a", 1)))}, []Sink{sinkOf(f)}).Start(ctx); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"a"}, f.received()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
