package progress_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/progress"
)

func TestStringNamesWhatIsAwaitedAndWhatFails(t *testing.T) {
	tests := []struct {
		name   string
		counts func() progress.Counts
		want   string
	}{
		{"no nodes", func() progress.Counts { return progress.New(0) }, "0 of 0 nodes are done"},
		{"every state", func() progress.Counts {
			c := progress.New(10)
			c.Settled, c.NotScraped, c.WithoutRate, c.PodsUnknown = 4, 3, 2, 1
			return c
		}, "4 of 10 nodes are done; 3 not scraped yet; 2 scraped, waiting for a second reading, which a CPU rate needs; 1 scraped, waiting for the list of pods"},
		{"a wait", func() progress.Counts {
			c := progress.New(2)
			c.NotScraped = 2
			c.Await(time.Now().Add(1900 * time.Millisecond))
			c.Await(time.Now().Add(200 * time.Millisecond))
			return c
		}, "0 of 2 nodes are done; 2 not scraped yet; what they wait for is due within 2s"},
		{"a wait that is over", func() progress.Counts {
			c := progress.New(1)
			c.NotScraped = 1
			c.Await(time.Now().Add(-time.Second))
			return c
		}, "0 of 1 nodes are done; 1 not scraped yet"},
		{"two causes, the more frequent one first", func() progress.Counts {
			c := progress.New(3)
			c.Settled = 3
			c.Failing[cause.KubeletTimeout], c.Failing[cause.KubeletForbidden] = 1, 2
			return c
		}, "3 of 3 nodes are done; failing: 2 forbidden, 1 timeout; " + cause.KubeletForbidden.Message()},
		{"as many of each, in the order of the table", func() progress.Counts {
			c := progress.New(2)
			c.Settled = 2
			c.Failing[cause.KubeletTimeout], c.Failing[cause.KubeletForbidden] = 1, 1
			return c
		}, "2 of 2 nodes are done; failing: 1 forbidden, 1 timeout; " + cause.KubeletForbidden.Message()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.counts().String(); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// TestByLabelAddsUpWhatSharesALabel wants one number for each value of a metric's label.
func TestByLabelAddsUpWhatSharesALabel(t *testing.T) {
	c := progress.New(5)
	c.Failing[cause.EngineTLSPlain], c.Failing[cause.EngineTLSUnverified], c.Failing[cause.EngineRefused] = 1, 2, 1
	if diff := cmp.Diff(map[string]int{"engine_tls": 3, "engine_refused": 1}, c.ByLabel()); diff != "" || c.AllFailing() != 4 {
		t.Errorf("%d fail (-want +got):\n%s", c.AllFailing(), diff)
	}
}
