package engine

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// stopAt has the engine's samples of a node's pod end at a time, as where what wrote them has ended.
func (e *simulatedEngine) stopAt(end time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for labels, value := range e.series {
		e.series[labels] = func(scrape time.Time) (point, bool) {
			p, ok := value(scrape)
			return p, ok && !scrape.After(end)
		}
	}
}

// TestSeriesThatEnd are served until the maximum age after the newest sample came, although the window of the queries is longer.
func TestSeriesThatEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, func(s *Source) { s.Selection.Window = 4 * time.Minute })
		close(e.podsKnown)
		e.engine.use("n1", "n1", 0.5, 100, began(), 0)
		e.set("n1")
		e.start()
		wait(time.Second)
		e.engine.stopAt(time.Now())
		wait(maxAge - time.Second - 200*time.Millisecond)
		e.want("n1", " pod 500m 100, 1m0s old over 15s")
		if m := e.collector.Status("n1").Message; !strings.Contains(m, "got no new sample") {
			t.Errorf("message %q", m)
		}
		wait(time.Second)
		e.want("n1", "")
		if p := e.collector.Progress(); p.ByLabel()["engine_no_new_sample"] != 1 {
			t.Errorf("progress %v", p)
		}
	})
}

// TestOldSamplesAfterAnOutage has an engine come back with the samples that it had: nothing is served before a new one.
func TestOldSamplesAfterAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, func(s *Source) { s.Selection.Window = 10 * time.Minute })
		close(e.podsKnown)
		e.engine.use("n1", "n1", 0.5, 100, began(), 0)
		e.set("n1")
		e.start()
		wait(time.Second)
		saved := e.engine.respond("[600000ms]")
		e.engine.fail(func(string) (int, string, error) { return http.StatusServiceUnavailable, "", nil })
		wait(2 * maxAge)
		e.engine.fail(func(string) (int, string, error) { return http.StatusOK, saved, nil })
		wait(resolution)
		e.want("n1", "")
		e.engine.fail(nil)
		wait(resolution)
		if got := e.show("n1"); !strings.HasPrefix(got, " pod 500m 100") {
			t.Errorf("n1 serves %q", got)
		}
	})
}

// TestEngineThatScrapesSeldom serves all the time, although most polls bring no new sample.
func TestEngineThatScrapesSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, func(s *Source) { s.Resolution = 5 * time.Second })
		close(e.podsKnown)
		e.engine.use("n1", "n1", 0.5, 100, began(), 2*time.Second)
		e.set("n1")
		e.start()
		wait(time.Second)
		for range 60 {
			wait(5 * time.Second)
			if got := e.show("n1"); !strings.HasPrefix(got, " pod 500m 100") || e.collector.Status("n1").Message != "" {
				t.Fatalf("n1 serves %q, message %q", got, e.collector.Status("n1").Message)
			}
		}
	})
}

// TestFirstSamplesThatAreOld are of a node whose writer ended before the start: they are not served.
func TestFirstSamplesThatAreOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, nil)
		close(e.podsKnown)
		e.engine.use("n1", "n1", 0.5, 100, began(), 0)
		e.engine.stopAt(time.Now().Add(-time.Minute))
		e.set("n1")
		e.start()
		for range 20 {
			wait(5 * time.Second)
			e.want("n1", "")
		}
		if p := e.collector.Progress(); p.ByLabel()["engine_no_series"]+p.ByLabel()["engine_no_new_sample"] != 1 {
			t.Errorf("progress %v", p)
		}
	})
}

// TestReplicasThatStandStill has two engines respond in turns, none of which gets a new sample any more: that their times differ is no sign of life.
func TestReplicasThatStandStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, func(s *Source) { s.Selection.Window = 4 * time.Minute })
		close(e.podsKnown)
		e.engine.use("n1", "n1", 0.5, 100, began(), 0)
		e.set("n1")
		e.start()
		var saved []string
		for range 2 {
			wait(resolution)
			saved = append(saved, e.engine.respond("[240000ms]"))
		}
		turn := 0
		e.engine.fail(func(string) (int, string, error) {
			turn++
			return http.StatusOK, saved[turn%2], nil
		})
		wait(maxAge + resolution)
		e.want("n1", "")
		if m := e.collector.Status("n1").Message; !strings.Contains(m, "got no new sample") {
			t.Errorf("message %q", m)
		}
	})
}
