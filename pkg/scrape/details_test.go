package scrape

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// recordingDetails are details whose calls are among those of the store.
type recordingDetails struct{ *recordingStore }

func (r recordingDetails) PutDetails(node string, _ *sample.Node) { r.record("details %s", node) }

// TestDetailsComeWithTheFullSummary requests it for a sink alone, and for an extra resource too. It waits for the pods to be known: details of pods that
// are not would be lost, and the next come after a minute.
func TestDetailsComeWithTheFullSummary(t *testing.T) {
	tests := []struct {
		name  string
		extra sample.ResourceSet
		want  []string
	}{
		{"for a sink", 0, []string{"put a 1", "resolve a", "put a 1", "details a"}},
		{"and an extra resource", sample.ResourcesOf(sample.EphemeralStorage), []string{"put a 1", "resolve a", "put a 1", "disk a every 1m0s", "details a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var known chan struct{}
			inBubble(t, func(c *testConfig) {
				known = make(chan struct{})
				c.Extra, c.PodsKnown = tt.extra, known
			}, func(t *testing.T, b *env) {
				b.SendDetails(recordingDetails{b.stored})
				n := node("a")
				n.FullSummaryURL = "http://disks-of-a"
				b.Set(n)
				<-time.After(initialSpread)
				if got := b.kubelets.requests("disks-of-a"); len(got) > 0 {
					t.Errorf("requested at %v, before the pods are known", got)
				}
				close(known)
				<-time.After(resolution)
				if diff := cmp.Diff(tt.want, b.stored.recorded()); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
				<-time.After(10 * time.Minute)
				if got := b.stored.count("details"); got < 9 || got > 11 {
					t.Errorf("%d details in ten minutes", got)
				}
			})
		})
	}
}

// TestDetailsComeOnceAMinute has nodes that are scraped as seldom as Heapster did by default: a point in each minute needs a request in each.
func TestDetailsComeOnceAMinute(t *testing.T) {
	inBubble(t, func(c *testConfig) { c.Extra, c.Sources[0].Resolution = 0, time.Minute }, func(t *testing.T, b *env) {
		b.SendDetails(recordingDetails{b.stored})
		n := node("a")
		n.FullSummaryURL = "http://disks-of-a"
		b.Set(n)
		<-time.After(10 * time.Minute)
		if got := b.stored.count("details"); got < 10 || got > 11 {
			t.Errorf("%d details in ten minutes", got)
		}
	})
}
