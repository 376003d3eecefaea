package engine

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestFirstPollServes has a rate from one poll, which has two readings.
func TestFirstPollServes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, nil)
		close(e.podsKnown)
		e.engine.use("n1", "n1", 0.5, 100, began(), 3*time.Second)
		e.engine.use("n1", "", 1.5, 1000, began(), 3*time.Second)
		e.set("n1")
		e.start()
		wait(time.Second)
		e.want("n1", "node 1500m 1000 pod 500m 100, 4s old over 15s")
		wait(2 * resolution)
		e.want("n1", "node 1500m 1000 pod 500m 100, 19s old over 15s")
		if p := e.collector.Progress(); p.Nodes != 1 || p.Settled != 1 {
			t.Errorf("progress %v", p)
		}
	})
}

// TestPodsKnownLate publishes what was read before the pods were known.
func TestPodsKnownLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, nil)
		e.engine.use("n1", "n1", 0.5, 100, began(), 0)
		e.set("n1")
		cell := e.pods["n1"]
		delete(e.pods, "n1")
		e.start()
		e.collector.AwaitInitial(t.Context())
		e.mu.Lock()
		e.pods["n1"] = cell
		e.mu.Unlock()
		e.want("n1", "")
		if p := e.collector.Progress(); p.PodsUnknown != 1 {
			t.Errorf("progress %v", p)
		}
		close(e.podsKnown)
		synctest.Wait()
		e.want("n1", " pod 500m 100, 0s old over 15s")
	})
}

// TestFaults has an engine fail in each way for longer than the maximum age, and recover.
func TestFaults(t *testing.T) {
	always := func(status int, text string) func(string) (int, string, error) {
		return func(string) (int, string, error) { return status, text, nil }
	}
	const matrix = `"data":{"resultType":"matrix","result":[]}`
	for _, tt := range []struct {
		name  string
		fault func(string) (int, string, error)
		code  string
		// details are a part of the details.
		details string
	}{
		{"refuses the connection", func(string) (int, string, error) {
			return 0, "", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
		}, "engine_refused", "connection refused"},
		{"does not respond", func(string) (int, string, error) { return 0, "", nil }, "engine_timeout", "deadline exceeded"},
		{"has no such host", func(string) (int, string, error) { return 0, "", &net.DNSError{Name: "engine"} }, "engine_unknown_host", "engine"},
		{"has an empty response", always(200, `{"status":"success",`+matrix+`}`), "engine_no_series", "no sample"},
		{"warns", always(200, `{"status":"success","warnings":["store x is away"],`+matrix+`}`), "engine_partial", `"store x is away"`},
		{"is partial", always(200, `{"status":"success","isPartial":true,`+matrix+`}`), "engine_partial", ""},
		{"refuses the query", always(400, `{"status":"error","errorType":"bad_data","error":"parse error"}`), "engine_error", "status 400: bad_data: parse error"},
		{"has a limit", always(422, `{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory"}`), "engine_limit", "too many samples"},
		{"fails in a success", always(200, `{"status":"error","errorType":"internal","error":"oops"}`), "engine_error", "oops"},
		{"wants credentials", always(401, "no"), "engine_unauthorized", "401"},
		{"is behind a sign-in page", always(302, ""), "engine_redirect", "302"},
		{"is at another path", always(404, "404 page not found"), "engine_not_found", "404"},
		{"is not an engine", always(200, "<html>"), "engine_syntax", ""},
		{"breaks off", always(200, `{"status":"success","data":{"resultType":"matrix","result":[`), "engine_broken", ""},
		{"is too large", always(200, `{"status":"success","data":{"resultType":"matrix","result":[`+strings.Repeat(" ", maxResponse)+`]}}`), "engine_too_large", ""},
		{"has two of each", func(string) (int, string, error) {
			one := `{"metric":{"__name__":"container_cpu_usage_seconds_total","node":"n1","namespace":"ns","pod":"n1","container":"c","cluster":"%s"},"values":[[1,"1"],[2,"2"]]}`
			return 200, fmt.Sprintf(`{"status":"success","data":{"resultType":"matrix","result":[`+one+`,`+one+`]}}`, "a", "b"), nil
		}, "engine_ambiguous", `cluster: "a" and "b"`},
		{"has the node alone", always(200, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"node_cpu_usage_seconds_total","node":"n1"},"values":[[1,"1"]]}]}}`),
			"engine_no_containers", ""},
		{"could not scrape the kubelet", always(200, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"node_cpu_usage_seconds_total","node":"n1"},"values":[[1,"1"]]},{"metric":{"__name__":"up","node":"n1"},"values":[[1,"1"],[2,"0"]]}]}}`),
			"engine_target_down", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t, nil)
				close(e.podsKnown)
				e.engine.use("n1", "n1", 0.5, 100, began(), 0)
				e.set("n1")
				e.start()
				wait(time.Second)
				e.want("n1", " pod 500m 100, 1s old over 15s")
				e.engine.fail(tt.fault)
				wait(maxAge - 15*time.Second)
				e.want("n1", " pod 500m 100, 46s old over 15s")
				wait(time.Minute)
				e.want("n1", "")
				if p := e.collector.Progress(); p.ByLabel()[tt.code] != 1 {
					t.Errorf("progress %v, want one node with %s", p, tt.code)
				}
				if details := e.collector.Status("n1").Details; !strings.Contains(details, tt.details) {
					t.Errorf("details %q, want %q in them", details, tt.details)
				}
				e.engine.fail(nil)
				wait(2 * resolution)
				if got := e.show("n1"); !strings.HasPrefix(got, " pod 500m 100") {
					t.Errorf("afterwards n1 serves %q", got)
				}
				if m := e.collector.Status("n1").Message; m != "" {
					t.Errorf("afterwards the message is %q", m)
				}
			})
		})
	}
}

// TestMessages have no address, and the time since when.
func TestMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, nil)
		e.set("n1")
		check := func(what, want string) {
			t.Helper()
			if diff := cmp.Diff(want, e.collector.Status("n1").Message); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}
		check("before the start", `the usage of node "n1" has not been read from the engine yet: wait for the end of the first query (PLM-NODE-NOT-READ)`)
		e.engine.fail(func(string) (int, string, error) { return 0, "", errors.New("http://secret:9090: broken pipe") })
		e.start()
		wait(time.Second)
		wait(resolution)
		check("a failure", `usage of node "n1" could not be read from the engine for 16s: the query of the engine failed: see the log (PLM-ENGINE-OTHER)`)
		e.collector.Remove("n1")
		check("a node that is gone", `node "n1" is not scraped, because it is unknown or no source selects it: see --node-selector, or the selectors of --source (PLM-NODE-NOT-SELECTED)`)
		if p := e.collector.Progress(); p.Nodes != 0 {
			t.Errorf("progress %v", p)
		}
	})
}

// TestShards has more nodes than a shard holds: each shard is polled once in each resolution, at moments that lie apart.
func TestShards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, func(s *Source) { s.ShardSize = 10 })
		close(e.podsKnown)
		for i := range 40 {
			name := fmt.Sprintf("n%02d", i)
			e.engine.use(name, name, 0.5, 100, began(), 0)
			e.set(name)
		}
		e.start()
		wait(resolution)
		e.engine.mu.Lock()
		e.engine.queries, e.engine.times = nil, nil
		e.engine.mu.Unlock()
		begin := time.Now()
		wait(10*resolution - time.Millisecond)
		e.engine.mu.Lock()
		defer e.engine.mu.Unlock()
		var times []time.Time // A query for samples may have one for start times behind it.
		for i, query := range e.engine.queries {
			if windowOf.MatchString(query) {
				times = append(times, e.engine.times[i])
			}
		}
		if len(times) != 40 {
			t.Errorf("%d queries of 4 shards in 10 resolutions", len(times))
		}
		for i, at := range times[1:] {
			if apart := at.Sub(times[i]); apart < time.Second || apart > 7*time.Second {
				t.Errorf("two queries are %v apart, after %v", apart, at.Sub(begin))
			}
		}
		if p := e.collector.Progress(); p.Settled != 40 {
			t.Errorf("progress %v", p)
		}
	})
}

// TestNodeOnStandby is polled soon after it is on standby no longer, and not any more once it is again.
func TestNodeOnStandby(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, nil)
		close(e.podsKnown)
		e.engine.use("n1", "n1", 0.5, 100, began(), 0)
		standby := func(is bool) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.standby["n1"] = is
		}
		standby(true)
		e.set("n1")
		e.start()
		e.collector.AwaitInitial(t.Context())
		wait(time.Minute)
		if len(e.engine.queries) != 0 || e.collector.Serves("n1") || e.collector.Serving() != 0 {
			t.Errorf("queries %q", e.engine.queries)
		}
		standby(false)
		wait(standbyCheck + time.Millisecond)
		if !e.collector.Serves("n1") || e.collector.Serving() != 1 || !strings.HasPrefix(e.show("n1"), " pod 500m") {
			t.Errorf("n1 serves %q", e.show("n1"))
		}
		standby(true)
		wait(resolution)
		if e.collector.Serves("n1") {
			t.Error("n1 is still served by the engine")
		}
	})
}

// TestRemovedDuringAPoll has a node go while its response is under way, and come again.
func TestRemovedDuringAPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, nil)
		close(e.podsKnown)
		e.engine.use("n1", "n1", 0.5, 100, began(), 0)
		e.engine.fail(func(query string) (int, string, error) {
			e.collector.Remove("n1")
			return http.StatusOK, e.engine.respond(query), nil
		})
		e.set("n1")
		e.start()
		wait(time.Second)
		e.want("n1", "")
		e.engine.fail(nil)
		e.set("n1")
		wait(time.Second)
		e.want("n1", " pod 500m 100, 2s old over 15s")
	})
}

// TestContainerRestart has a counter begin anew.
func TestContainerRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, nil)
		close(e.podsKnown)
		e.engine.use("n1", "n1", 0.5, 100, began(), 0)
		e.set("n1")
		e.start()
		wait(time.Second)
		e.engine.use("n1", "n1", 2, 50, time.Now(), 0)
		wait(2 * resolution)
		e.want("n1", " pod 500m 100, 31s old over 15s") // The newest reading is the first of the new instance.
		wait(resolution)
		e.want("n1", " pod 2000m 50, 16s old over 15s")
	})
}

// TestPollsAreFew has an engine hang while many shards are due: it is asked for few of them at a time.
func TestPollsAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, func(s *Source) { s.ShardSize = 1 })
		close(e.podsKnown)
		e.engine.fail(func(string) (int, string, error) { return 0, "", nil })
		for i := range 3 * maxPolls {
			e.set(fmt.Sprint("n", i))
		}
		e.start()
		wait(9 * time.Second) // A query ends after ten.
		e.engine.mu.Lock()
		defer e.engine.mu.Unlock()
		if n := len(e.engine.queries); n != maxPolls {
			t.Errorf("%d queries are under way, want %d", n, maxPolls)
		}
	})
}

// TestRemovedBeforeThePut has a node go after its response was read, and before the store has the response.
func TestRemovedBeforeThePut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, nil)
		close(e.podsKnown)
		e.engine.use("n1", "", 0.5, 100, began(), 0)
		e.collector.config.Running = func(node string) bool { // It is asked where the response has no container.
			e.collector.Remove(node)
			return false
		}
		e.set("n1")
		e.start()
		wait(time.Second)
		e.want("n1", "")
	})
}
