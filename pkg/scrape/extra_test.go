package scrape

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/component-base/metrics/testutil"

	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/schedule"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// TestFullSummaryIsRequestedLessOften has the interval be a minute: four scrapes are only 40 seconds.
func TestFullSummaryIsRequestedLessOften(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *env) {
		n := node("a")
		n.FullSummaryURL = "http://disks-of-a"
		b.Set(n)
		time.Sleep(initialSpread)
		if diff := cmp.Diff([]string{"put a 1", "disk a every 1m0s"}, b.stored.recorded()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		time.Sleep(10*time.Minute - initialSpread)
		requests := b.kubelets.requests("disks-of-a")
		if len(requests) < 9 || len(requests) > 11 {
			t.Errorf("the full summary was requested %d times in ten minutes, want ten times", len(requests))
		}
		if got := b.kubelets.maxInFlight("a"); got != 1 {
			t.Errorf("%d scrapes at once", got)
		}
		if got := len(b.kubelets.requests("a")); got < 59 {
			t.Errorf("scraped %d times in ten minutes", got)
		}
		rejected, err := testutil.GetCounterMetricValue(b.config.Metrics.rejected.WithLabelValues("", "negative"))
		if err != nil || int(rejected) != len(requests) {
			t.Errorf("%v rejections of %d are counted: %v", rejected, len(requests), err)
		}
	})
}

func TestRefusedExtraResourcesAffectNothingElse(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *env) {
		b.kubelets.set("disks-of-a", func(r *http.Request) (*http.Response, error) { return body(r, 403, "") })
		n := node("a")
		n.FullSummaryURL = "http://disks-of-a"
		b.Set(n)
		time.Sleep(5 * time.Minute)
		if b.stored.count("disk") != 0 || b.stored.count("fail") != 0 || b.stored.count("put") < 29 {
			t.Errorf("calls: %v", b.stored.recorded())
		}
		if why := b.Status("a").Message; why != "" {
			t.Errorf("the node has a message: %s", why)
		}
		if len(b.kubelets.requests("disks-of-a")) < 4 {
			t.Error("a right that comes late would not be seen")
		}
	})
}

func TestExtraResourcesOfANodeThatMovedAreRequestedAtOnce(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *env) {
		n := node("a")
		n.FullSummaryURL = "http://disks-of-a"
		b.Set(n)
		time.Sleep(2 * resolution)
		n.URL, n.UID, n.FullSummaryURL = "http://b", "2", "http://disks-of-b"
		b.Set(n)
		time.Sleep(time.Second)
		if len(b.kubelets.requests("disks-of-b")) != 1 {
			t.Errorf("calls: %v", b.stored.recorded())
		}
	})
}

func TestExtraResourcesAreRequestedOnlyWithTheFlag(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *env) {
		b.Set(node("a"))
		time.Sleep(3 * time.Minute)
		if b.stored.count("disk") != 0 || b.stored.count("extra") != 0 {
			t.Errorf("calls: %v", b.stored.recorded())
		}
	})
}

// TestExtraRequestsThatHangDelayNoScrape has both summaries hang: the second scrape of a cold start comes in time, and so does every later
// scrape.
func TestExtraRequestsThatHangDelayNoScrape(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *env) {
		b.stored.young = 1
		b.kubelets.set("disks-of-a", hang)
		b.kubelets.set("summary-of-a", hang)
		n := node("a")
		n.FullSummaryURL, n.ExtraSummaryURL = "http://disks-of-a", "http://summary-of-a"
		b.Set(n)
		time.Sleep(10 * time.Minute)
		requests := b.kubelets.requests("a")
		if second := requests[1] - requests[0]; second < followUpDelay || second > followUpDelay+schedule.ShortTick {
			t.Errorf("the second scrape came after %s", second)
		}
		for i := 2; i < len(requests); i++ {
			if d := requests[i] - requests[i-1]; d > resolution+followUpDelay {
				t.Errorf("%s between scrapes %d and %d", d, i-1, i)
			}
		}
		if got := len(b.kubelets.requests("disks-of-a")); got < 8 {
			t.Errorf("the full summary was requested %d times", got)
		}
	})
}

// TestShortSummaryIsRequestedWithEachScrape serves what it reported until the next scrape but one.
func TestShortSummaryIsRequestedWithEachScrape(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *env) {
		n := node("a")
		n.ExtraSummaryURL = "http://summary-of-a"
		b.Set(n)
		time.Sleep(initialSpread + 10*resolution)
		scrapes, requests := b.kubelets.requests("a"), b.kubelets.requests("summary-of-a")
		if len(scrapes) != len(requests) || len(requests) < 10 {
			t.Errorf("%d scrapes and %d requests", len(scrapes), len(requests))
		}
		if got := b.stored.count(fmt.Sprintf("extra a every %s", resolution)); got != len(requests) {
			t.Errorf("%d of %d responses were put: %v", got, len(requests), b.stored.recorded())
		}
	})
}

// TestUnsupportedExtraResourcesAreRequestedLessOften has a kernel without pressure at one node, and a kubelet that fails for once at another.
func TestUnsupportedExtraResourcesAreRequestedLessOften(t *testing.T) {
	none := func(c *testConfig) {
		c.ExtraDecoder = extraDecoder(func(_ context.Context, body []byte) (sample.Node, error) {
			return sample.Node{}, map[string]error{"fine": decode.ErrNoExtra, "cut": decode.ErrTruncated}[string(body)]
		})
	}
	inBubble(t, none, func(t *testing.T, b *env) {
		b.kubelets.set("summary-of-b", func(r *http.Request) (*http.Response, error) { return body(r, 200, "cut") })
		for _, name := range []string{"a", "b"} {
			n := node(name)
			n.ExtraSummaryURL = "http://summary-of-" + name
			b.Set(n)
		}
		time.Sleep(10 * time.Minute)
		if got := len(b.kubelets.requests("summary-of-a")); got < 9 || got > 11 {
			t.Errorf("a summary without pressure was requested %d times in ten minutes, want ten times", got)
		}
		if got := len(b.kubelets.requests("summary-of-b")); got < 59 {
			t.Errorf("a summary that breaks off was requested %d times in ten minutes, want sixty times", got)
		}
		if b.stored.count("extra b") != 0 || b.stored.count("fail") != 0 || b.stored.count("put") < 118 {
			t.Errorf("calls: %v", b.stored.recorded())
		}
	})
}

// TestNodeReadThroughItsSummaryIsRequestedOnce: that response has its pressure.
func TestNodeReadThroughItsSummaryIsRequestedOnce(t *testing.T) {
	a := attempt{target: target.Target{URL: "http://a", SummaryURL: "http://summary-of-a", ExtraSummaryURL: "http://summary-of-a"}}
	through, ok := a.by(throughSummary, &Manager{})
	if !ok || through.target.URL != "http://summary-of-a" || through.target.ExtraSummaryURL != "" {
		t.Errorf("got %+v", through.target)
	}
}
