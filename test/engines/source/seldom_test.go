package source

import (
	"context"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/engines"
)

// TestEngineThatScrapesSeldom has an engine scrape the kubelets three times as seldom as it is queried. All usage is served all the time, whether the source has
// the engine's interval as its resolution or not: usage is served for four resolutions after its sample came.
func TestEngineThatScrapesSeldom(t *testing.T) {
	need(t)
	scrape := scrapeOf(env)
	interval := 3 * resolution
	scrape.Interval = interval.String()
	seldom := engines.Started(t, engines.Prometheus{Name: "seldom", Dir: t.TempDir(), Scrapes: []engines.Scrape{scrape}}.Start)
	wait(t, 2*interval) // until there are two samples
	for name, options := range map[string]string{"with its resolution": "?resolution=" + interval.String() + "&window=" + (6 * interval).String(), "without": ""} {
		t.Run(name, func(t *testing.T) {
			client := clientOf(t, serverWith(t, env, reading(env, "--source=prometheus:"+seldom.URL+options)...), "")
			becomeRight(t, client, env.Fleet)
			reads := 0
			for begin := time.Now(); time.Since(begin) < 6*interval; wait(t, time.Second) {
				reads++
				if _, err := allRight(t.Context(), client, env.Fleet); err != nil {
					t.Errorf("read %d: %v", reads, err)
				}
			}
			t.Logf("%d reads had all usage", reads)
		})
	}
}

func wait(t *testing.T, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	<-ctx.Done()
	if err := t.Context().Err(); err != nil {
		t.Fatal(err)
	}
}
