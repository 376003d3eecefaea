package source

import (
	"context"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/engines"
)

// TestEngineThatScrapesSeldom has an engine scrape the kubelets three times as seldom as it is queried. Where the source has the engine's interval as its
// resolution, all usage is served all the time. Where it does not, usage is served for four resolutions, and is older than that before the next scrape comes:
// how often is logged.
func TestEngineThatScrapesSeldom(t *testing.T) {
	need(t)
	scrape := scrapeOf(env)
	interval := 3 * resolution
	scrape.Interval = interval.String()
	seldom := engines.Started(t, engines.Prometheus{Name: "seldom", Dir: t.TempDir(), Scrapes: []engines.Scrape{scrape}}.Start)
	wait(t, 2*interval) // until there are two samples
	for _, tt := range []struct {
		name, options string
		always        bool
	}{
		{"with its resolution", "?resolution=" + interval.String() + "&window=" + (6 * interval).String(), true},
		{"without", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client := clientOf(t, serverWith(t, env, reading(env, "--source=prometheus:"+seldom.URL+tt.options)...), "")
			becomeRight(t, client, env.Fleet)
			reads, gaps := 0, 0
			for begin := time.Now(); time.Since(begin) < 6*interval; wait(t, time.Second) {
				reads++
				if _, err := allRight(t.Context(), client, env.Fleet); err != nil {
					gaps++
					if tt.always {
						t.Error(err)
					}
				}
			}
			t.Logf("in %d of %d reads some usage was missing", gaps, reads)
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
