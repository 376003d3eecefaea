package scrape

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plimsoll/plimsoll/pkg/schedule"
)

func TestAwaitInitial(t *testing.T) {
	hang := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	tests := []struct {
		name string
		// kubelets respond otherwise than a healthy one does.
		kubelets map[string]func(*http.Request) (*http.Response, error)
		// delays are how long after the beginning the kubelets of nodes respond, and a tick at most.
		delays    map[string]time.Duration
		nodes     []string
		from, til time.Duration
		missing   int
	}{
		{"no nodes", nil, nil, nil, 0, 0, 0},
		{"all respond", nil, nil, []string{"a", "b", "c"}, 0, initialSpread + 2*schedule.Tick, 0},
		{"one refuses", map[string]func(*http.Request) (*http.Response, error){"b": refuse}, nil, []string{"a", "b"}, 0, initialSpread + 2*schedule.Tick, 0},
		{"each responds within the stall after the one before", nil, map[string]time.Duration{
			"a": time.Second, "b": 2 * time.Second, "c": 3 * time.Second, "d": 4 * time.Second,
		}, []string{"a", "b", "c", "d"}, 4 * time.Second, 4*time.Second + schedule.Tick, 0},
		{"one hangs", map[string]func(*http.Request) (*http.Response, error){"b": hang}, nil, []string{"a", "b"}, initialStall, initialSpread + initialStall + 2*schedule.Tick, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, b *env) {
				for node, respond := range tt.kubelets {
					b.kubelets.set(node, respond)
				}
				for node, delay := range tt.delays {
					b.kubelets.set(node, func(r *http.Request) (*http.Response, error) {
						<-time.After(delay - newTiming(node, resolution).initialDelay())
						return fine(r)
					})
				}
				for _, name := range tt.nodes {
					b.Set(node(name))
				}
				begin := time.Now()
				b.AwaitInitial(t.Context())
				if took := time.Since(begin); took < tt.from || took > tt.til {
					t.Errorf("returned after %v, want from %v to %v", took, tt.from, tt.til)
				}
				if got, _ := b.unscraped.Nodes(); got != tt.missing {
					t.Errorf("%d nodes were not scraped, want %d", got, tt.missing)
				}
				if got := b.Progress().NotScraped; got != tt.missing {
					t.Errorf("%d nodes were not scraped by the progress, want %d", got, tt.missing)
				}
			})
		})
	}
}

// TestUnscrapedFollowsTheNodes: a node that moves must be scraped again, and a deleted one is not waited for.
func TestUnscrapedFollowsTheNodes(t *testing.T) {
	hangs := func(b *env, name string) {
		b.kubelets.set(name, hang)
		b.Set(node(name))
	}
	tests := []struct {
		name   string
		change func(b *env)
		want   int
	}{
		{"one that hangs", func(b *env) { hangs(b, "b") }, 1},
		{"one that was removed", func(b *env) { hangs(b, "b"); b.Remove("b") }, 0},
		{"one that was refused", func(b *env) { hangs(b, "b"); b.Refuse("b", errors.New("no address")) }, 0},
		{"one that was removed during its scrape", func(b *env) {
			hangs(b, "b")
			<-time.After(2 * initialSpread)
			b.Remove("b")
		}, 0},
		{"one that moved to where it hangs", func(b *env) {
			b.kubelets.set("elsewhere", hang)
			moved := node("a")
			moved.URL = "http://elsewhere"
			b.Set(moved)
		}, 1},
		{"one that moved", func(b *env) {
			moved := node("a")
			moved.URL = "http://elsewhere"
			b.Set(moved)
			<-time.After(schedule.Tick)
		}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, b *env) {
				b.Set(node("a"))
				b.AwaitInitial(t.Context())
				tt.change(b)
				synctest.Wait()
				if got, _ := b.unscraped.Nodes(); got != tt.want {
					t.Errorf("%d nodes are not scraped, want %d", got, tt.want)
				}
			})
		})
	}
}

func refuse(r *http.Request) (*http.Response, error) { return body(r, 403, "") }
