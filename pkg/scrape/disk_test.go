package scrape

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/component-base/metrics/testutil"

	"github.com/plimsoll/plimsoll/pkg/schedule"
)

// TestDisksAreLookedAtLessOften has the pause between two looks at disks be a minute: four looks are only 40 seconds.
func TestDisksAreLookedAtLessOften(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *bed) {
		n := node("a")
		n.DiskURL = "http://disks-of-a"
		b.Set(n)
		time.Sleep(firstSpread)
		if diff := cmp.Diff([]string{"put a 1", "disk a for 3m0s"}, b.sink.told()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		time.Sleep(10*time.Minute - firstSpread)
		asked := b.kubelets.looks("disks-of-a")
		if len(asked) < 9 || len(asked) > 11 {
			t.Errorf("disks were looked at %d times in ten minutes, want ten times", len(asked))
		}
		if got := b.kubelets.atOnce("a"); got != 1 {
			t.Errorf("%d looks at once", got)
		}
		if got := len(b.kubelets.looks("a")); got < 59 {
			t.Errorf("looked %d times in ten minutes", got)
		}
		rejected, err := testutil.GetCounterMetricValue(b.metrics.rejected.WithLabelValues("", "negative"))
		if err != nil || int(rejected) != len(asked) {
			t.Errorf("%v rejections of %d are counted: %v", rejected, len(asked), err)
		}
	})
}

func TestDisksThatAreNotToldCostNothingElse(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *bed) {
		b.kubelets.set("disks-of-a", func(r *http.Request) (*http.Response, error) { return body(r, 403, "") })
		n := node("a")
		n.DiskURL = "http://disks-of-a"
		b.Set(n)
		time.Sleep(5 * time.Minute)
		if b.sink.count("disk") != 0 || b.sink.count("fail") != 0 || b.sink.count("put") < 29 {
			t.Errorf("calls: %v", b.sink.told())
		}
		if why := b.Cause("a"); why != "" {
			t.Errorf("the node has a cause: %s", why)
		}
		if len(b.kubelets.looks("disks-of-a")) < 4 {
			t.Error("a right that comes late would not be seen")
		}
	})
}

func TestDisksOfANodeThatMovedAreLookedAtAtOnce(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *bed) {
		n := node("a")
		n.DiskURL = "http://disks-of-a"
		b.Set(n)
		time.Sleep(2 * resolution)
		n.URL, n.UID, n.DiskURL = "http://b", "2", "http://disks-of-b"
		b.Set(n)
		time.Sleep(time.Second)
		if len(b.kubelets.looks("disks-of-b")) != 1 {
			t.Errorf("calls: %v", b.sink.told())
		}
	})
}

func TestNobodyAsksForDisksUnlessTold(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *bed) {
		b.Set(node("a"))
		time.Sleep(3 * time.Minute)
		if b.sink.count("disk") != 0 {
			t.Errorf("calls: %v", b.sink.told())
		}
	})
}

// TestDisksThatHangCostNoLook has the full summary hang: the second look of a cold start comes in time, and so does every look
// in turn.
func TestDisksThatHangCostNoLook(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *bed) {
		b.sink.young = 1
		b.kubelets.set("disks-of-a", hang)
		n := node("a")
		n.DiskURL = "http://disks-of-a"
		b.Set(n)
		time.Sleep(10 * time.Minute)
		looks := b.kubelets.looks("a")
		if second := looks[1] - looks[0]; second < secondLook || second > secondLook+schedule.ShortTick {
			t.Errorf("the second look came after %s", second)
		}
		for i := 2; i < len(looks); i++ {
			if d := looks[i] - looks[i-1]; d > resolution+secondLook {
				t.Errorf("%s between looks %d and %d", d, i-1, i)
			}
		}
		if got := len(b.kubelets.looks("disks-of-a")); got < 8 {
			t.Errorf("disks were looked at %d times", got)
		}
	})
}
