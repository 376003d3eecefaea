package scrape

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// recorder is a Recorder that records what it is informed of.
type recorder struct {
	mu      sync.Mutex
	reports []string
}

func (r *recorder) Scraped(node string, took time.Duration, succeeded bool) {
	r.record("%s %s %t", node, took, succeeded)
}

func (r *recorder) Removed(node string) { r.record("%s removed", node) }

func (r *recorder) record(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reports = append(r.reports, fmt.Sprintf(format, args...))
}

// all returns a copy of what was recorded.
func (r *recorder) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.reports)
}

func (r *recorder) count(report string) (n int) {
	for _, got := range r.all() {
		if got == report {
			n++
		}
	}
	return n
}

// TestRecorder is informed of each scrape with its result and duration, and of nothing after a node has been removed.
func TestRecorder(t *testing.T) {
	r := &recorder{}
	inBubble(t, func(c *testConfig) { c.Recorder = r }, func(t *testing.T, b *env) {
		b.kubelets.set("slow", hang)
		b.Set(node("fine"))
		b.Set(node("slow"))
		<-time.After(10 * resolution)
		synctest.Wait()
		if got, want := r.count("fine 0s true"), b.stored.count("put fine"); got != want || got == 0 {
			t.Errorf("%d scrapes of the good node were reported, want %d", got, want)
		}
		if got, want := r.count("slow 9s false"), b.stored.count("fail slow"); got != want || got == 0 {
			t.Errorf("%d scrapes of the slow node were reported, want %d, each with its timeout of 9s", got, want)
		}
		b.Remove("slow")
		<-time.After(3 * resolution)
		last := slices.DeleteFunc(r.all(), func(s string) bool { return s == "fine 0s true" })
		if got := last[len(last)-1]; got != "slow removed" {
			t.Errorf("the last report of the removed node is %q", got)
		}
	})
}

// TestRecorderOfARemovedNode has a scrape end after its node was removed.
func TestRecorderOfARemovedNode(t *testing.T) {
	r := &recorder{}
	inBubble(t, func(c *testConfig) { c.Recorder = r }, func(t *testing.T, b *env) {
		b.kubelets.set("a", func(request *http.Request) (*http.Response, error) {
			<-time.After(5 * time.Second)
			return fine(request)
		})
		b.Set(node("a"))
		<-time.After(2 * initialSpread)
		b.Remove("a")
		<-time.After(resolution)
		if diff := cmp.Diff([]string{"a removed"}, r.all()); diff != "" {
			t.Errorf("reports (-want +got):\n%s", diff)
		}
	})
}
