package scrape

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/sample"
)

// large is a body of so many bytes that comes at once.
type large int

func (l large) respond(r *http.Request) (*http.Response, error) {
	return body(r, 200, strings.Repeat("a", int(l)))
}

// stalling is a body that begins with so many bytes, and ends when its reader gives up.
type stalling int

func (s stalling) respond(r *http.Request) (*http.Response, error) {
	rest := readerFunc(func([]byte) (int, error) {
		<-r.Context().Done()
		return 0, r.Context().Err()
	})
	begun := strings.NewReader(strings.Repeat("a", int(s)))
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(io.MultiReader(begun, rest)), Request: r, ContentLength: -1}, nil
}

// smallBody is the size up to which a body is decoded without regard to other bodies: see package kubelet.
const smallBody = 1 << 20

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestLargeResponsesQueue has two kubelets that stop in the middle hold all the memory that large responses may have, until they are given up.
// Others of small responses go on as if there were none, and one of a large response is put at last.
func TestLargeResponsesQueue(t *testing.T) {
	inBubble(t, func(c *testConfig) {
		c.memory = kubelet.NewMemory(func() int64 { return 64 << 20 })
		c.Sources[0].NewDecoder = newDecoder(func(context.Context, []byte) (sample.Node, error) { return sample.Node{}, nil })
	}, func(t *testing.T, b *env) {
		b.kubelets.set("slow-1", stalling(2<<20).respond)
		b.kubelets.set("slow-2", stalling(2<<20).respond)
		b.kubelets.set("large", large(3<<20).respond)
		for _, name := range []string{"slow-1", "slow-2"} {
			b.Set(node(name))
		}
		time.Sleep(2 * initialSpread)
		b.Set(node("large"))
		for i := range 20 {
			b.Set(node(fmt.Sprintf("small-%d", i)))
		}
		time.Sleep(initialSpread + time.Second)
		if got := b.stored.count("put small"); got < 20 {
			t.Errorf("small responses were put %d times, want 20", got)
		}
		time.Sleep(initialSpread + resolution)
		if got := b.Progress().ByLabel()["slow"]; got != 2 {
			t.Errorf("failing are %v, want the two that are slow by their timeout", b.Progress().Failing)
		}
		b.Remove("slow-1")
		b.Remove("slow-2")
		time.Sleep(2 * resolution)
		if b.stored.count("put large") == 0 {
			t.Errorf("the large response was never put: %v", b.Progress().Failing)
		}
	})
}

// TestLargeResponsesAreDecodedOneAtATime has more of them than cores, and small ones that wait for none of them.
func TestLargeResponsesAreDecodedOneAtATime(t *testing.T) {
	var mu sync.Mutex
	now, most := 0, 0
	inBubble(t, func(c *testConfig) {
		c.Sources[0].NewDecoder = newDecoder(func(_ context.Context, text []byte) (sample.Node, error) {
			if len(text) <= smallBody {
				return sample.Node{}, nil
			}
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			time.Sleep(500 * time.Millisecond)
			mu.Lock()
			now--
			mu.Unlock()
			return sample.Node{}, nil
		})
	}, func(t *testing.T, b *env) {
		for i := range 6 {
			name := fmt.Sprintf("large-%d", i)
			b.kubelets.set(name, large(2<<20).respond)
			b.Set(node(name))
		}
		for i := range 20 {
			b.Set(node(fmt.Sprintf("small-%d", i)))
		}
		time.Sleep(initialSpread + 500*time.Millisecond)
		if got := b.stored.count("put small"); got < 20 {
			t.Errorf("small responses were put %d times, want 20", got)
		}
		time.Sleep(4 * time.Second)
		if got := b.stored.count("put large"); got != 6 || most != 1 {
			t.Errorf("large responses were put %d times, up to %d of them decoded at once; want 6 and 1", got, most)
		}
	})
}

// TestExcessiveResponsesAreRequestedLessOften ends what takes longer than its budget, keeps what was put before, and leaves such a kubelet alone.
func TestExcessiveResponsesAreRequestedLessOften(t *testing.T) {
	tests := []struct {
		name   string
		decode func(context.Context) error
		want   string
	}{
		{"over the budget", func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) }, "over_budget"},
		{"over the budget without checking the context", func(ctx context.Context) error { <-ctx.Done(); return nil }, "over_budget"},
		{"too many", func(context.Context) error { return fmt.Errorf("lines: %w", decode.ErrTooMany) }, "too_many"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(c *testConfig) {
				c.Sources[0].NewDecoder = newDecoder(func(ctx context.Context, text []byte) (sample.Node, error) {
					if len(text) <= smallBody {
						return sample.Node{}, nil
					}
					return sample.Node{}, tt.decode(ctx)
				})
			}, func(t *testing.T, b *env) {
				b.kubelets.set("bad", large(2<<20).respond)
				b.Set(node("bad"))
				b.Set(node("good"))
				time.Sleep(6 * resolution)
				if got := len(b.kubelets.requests("bad")); got < 2 || got > 3 {
					t.Errorf("the kubelet was scraped %d times in six resolutions, want 2 or 3", got)
				}
				if got := b.Progress().ByLabel()[tt.want]; got != 1 {
					t.Errorf("failing are %v, want one by %s", b.Progress().Failing, tt.want)
				}
				if b.stored.count("put bad") > 0 {
					t.Error("something of the response was put")
				}
				if got := b.stored.count("put good"); got < 6 {
					t.Errorf("the other node was put %d times", got)
				}
			})
		})
	}
}
