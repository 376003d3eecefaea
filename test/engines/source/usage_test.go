package source

import (
	"context"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/engines"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// TestEveryContainer compares all usage out of Prometheus with the fleet's: where the kubelets' own times are kept, where they are replaced by those of the
// scrapes, and where half of the kubelets read every 10 to 20 seconds.
func TestEveryContainer(t *testing.T) {
	need(t)
	t.Run("times of the kubelets", func(t *testing.T) {
		stayRight(t, "--source=prometheus:"+prometheus.URL)
	})
	t.Run("times of the scrapes", func(t *testing.T) {
		scrape := scrapeOf(env)
		scrape.IgnoreTimestamps = true
		other := engines.Started(t, engines.Prometheus{Name: "ignoring", Dir: t.TempDir(), Scrapes: []engines.Scrape{scrape}}.Start)
		stayRight(t, "--source=prometheus:"+other.URL)
	})
	t.Run("kubelets that read every 10 to 20 seconds", func(t *testing.T) {
		nodes := env.Fleet.Nodes()
		for _, node := range nodes[:len(nodes)/2] {
			if err := env.Fleet.SetReadings(node, fleet.Housekeeping); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = env.Fleet.SetReadings(node, fleet.OnDemand) })
		}
		stayRight(t, "--source=prometheus:"+prometheus.URL)
	})
}

// stayRight starts a server with a source, waits until everything is right, and has it stay so for a while.
func stayRight(t *testing.T, source string) {
	t.Helper()
	begin := time.Now()
	client := clientOf(t, serverWith(t, env, reading(env, source)...), "")
	worst := becomeRight(t, client, env.Fleet)
	complete := time.Since(begin)
	poll.Throughout(t, 3*resolution, func(ctx context.Context) error {
		seen, err := allRight(ctx, client, env.Fleet)
		worst.worst, worst.oldest = max(worst.worst, seen.worst), max(worst.oldest, seen.oldest)
		return err
	})
	t.Logf("%s; all was there %.1f s after the start", worst, complete.Seconds())
}
