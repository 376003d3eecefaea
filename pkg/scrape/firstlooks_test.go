package scrape

import (
	"net/http"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/schedule"
)

func TestAwaitFirstLooks(t *testing.T) {
	hang := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	refuse := func(r *http.Request) (*http.Response, error) { return body(r, 403, "") }
	tests := []struct {
		name string
		// kubelets answer otherwise than a healthy one does.
		kubelets  map[string]func(*http.Request) (*http.Response, error)
		nodes     []string
		from, til time.Duration
		missing   int
	}{
		{"no nodes", nil, nil, 0, 0, 0},
		{"all answer", nil, []string{"a", "b", "c"}, 0, firstSpread + 2*schedule.Tick + firstLooksEvery, 0},
		{"one refuses", map[string]func(*http.Request) (*http.Response, error){"b": refuse}, []string{"a", "b"}, 0, firstSpread + 2*schedule.Tick + firstLooksEvery, 0},
		{"one hangs", map[string]func(*http.Request) (*http.Response, error){"b": hang}, []string{"a", "b"}, firstLooksStall, firstSpread + firstLooksStall + 2*schedule.Tick + firstLooksEvery, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, b *bed) {
				for node, answer := range tt.kubelets {
					b.kubelets.set(node, answer)
				}
				for _, name := range tt.nodes {
					b.Set(node(name))
				}
				begin := time.Now()
				b.AwaitFirstLooks(t.Context())
				if took := time.Since(begin); took < tt.from || took > tt.til {
					t.Errorf("returned after %v, want from %v to %v", took, tt.from, tt.til)
				}
				if got := b.neverLookedAt(); got != tt.missing {
					t.Errorf("%d nodes were not looked at, want %d", got, tt.missing)
				}
			})
		})
	}
}
