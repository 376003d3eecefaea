package engine

import (
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// scrapes adds the engine's own series of its scrapes of a node.
func (e *simulatedEngine) scrapes(node string) {
	e.add("__name__=up node="+node, func(scrape time.Time) (point, bool) { return point{scrape.UnixMilli(), 1}, true })
}

// restart has the series of the container of a node's pod go on with another instance, which uses so many cores since a time.
func (e *simulatedEngine) restart(node string, cores float64, since time.Time) {
	before := maps.Clone(e.series)
	e.use(node, node, cores, 50, since, time.Second)
	e.start(node, since)
	e.mu.Lock()
	defer e.mu.Unlock()
	for labels, after := range e.series {
		e.series[labels] = func(scrape time.Time) (point, bool) {
			if p, ok := after(scrape); ok {
				return p, true
			}
			return before[labels](scrape)
		}
	}
}

// start adds the start time of the container of a node's pod.
func (e *simulatedEngine) start(node string, at time.Time) {
	e.add("__name__="+startName+" node="+node+" namespace=ns container=c pod="+node, func(scrape time.Time) (point, bool) {
		return point{scrape.UnixMilli(), float64(at.UnixMilli()) / 1000}, !scrape.Before(at)
	})
}

// last are the queries of the newest poll, which are sent at one time.
func (e *simulatedEngine) last() (queries []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, query := range e.queries {
		if e.times[i].Equal(e.times[len(e.times)-1]) {
			queries = append(queries, query)
		}
	}
	return queries
}

// TestKnownNodesAreReadInPart asks for all samples of the window, and all start times, of a node that was not read before or failed, and else for the newest
// samples and the start times of young containers. A container that began long ago keeps its start time, and one that restarts is seen to.
func TestKnownNodesAreReadInPart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, nil)
		close(e.podsKnown)
		e.engine.use("n1", "n1", 0.5, 100, began(), time.Second)
		e.engine.start("n1", began())
		e.engine.scrapes("n1")
		e.set("n1")
		e.start()
		isWhole := func(want bool) {
			t.Helper()
			queries := e.engine.last()
			if whole := len(queries) == 1 && strings.HasSuffix(queries[0], "[90000ms]") && strings.Contains(queries[0], startName); whole != want {
				t.Errorf("all of it is read: %v, want %v: %q", whole, want, queries)
			}
		}
		start := func(want time.Time) {
			t.Helper()
			e.collector.mu.Lock()
			defer e.collector.mu.Unlock()
			if got := e.collector.nodes["n1"].starts[subject{"ns", "n1", "c", ""}]; got != float64(want.UnixMilli())/1000 {
				t.Errorf("the start is %f, want %d", got, want.Unix())
			}
		}
		first := began()
		wait(time.Second)
		isWhole(true)
		for range 3 {
			wait(resolution)
			isWhole(false)
			start(first)
		}
		restarted := time.Now()
		e.engine.restart("n1", 2, restarted)
		wait(3 * resolution)
		isWhole(false)
		start(restarted)
		if got := e.show("n1"); !strings.HasPrefix(got, " pod 2000m 50") {
			t.Errorf("n1 serves %q", got)
		}
		e.engine.fail(func(string) (int, string, error) { return 500, "", nil })
		wait(resolution)
		e.engine.fail(nil)
		wait(resolution)
		isWhole(true)
		start(restarted)
	})
}

// TestTimesOfScrapesNeedTheWholeWindow has samples with the times of the scrapes, whose first one of each value is looked for.
func TestTimesOfScrapesNeedTheWholeWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, nil)
		close(e.podsKnown)
		e.engine.use("n1", "n1", 0.5, 100, began(), 0)
		e.engine.scrapes("n1")
		e.set("n1")
		e.start()
		wait(2 * resolution)
		if queries := e.engine.last(); len(queries) != 2 || !strings.HasSuffix(queries[0], "[90000ms]") || strings.Contains(queries[0], startName) {
			t.Errorf("queries %q", queries)
		}
	})
}
