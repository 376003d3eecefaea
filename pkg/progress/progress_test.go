package progress_test

import (
	"testing"

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
		{"two reasons, in the order of their codes", func() progress.Counts {
			c := progress.New(3)
			c.Settled = 3
			c.Fail(1, "timeout", "the kubelet did not answer in time")
			c.Fail(2, "forbidden", "the kubelet forbids the request")
			return c
		}, "3 of 3 nodes are done; failing: 2 forbidden, 1 timeout; the kubelet forbids the request"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.counts().String(); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestMessageIsOfTheMostFrequentReason(t *testing.T) {
	c := progress.New(5)
	for _, code := range []string{"a", "b", "b", "a", "b"} {
		c.Fail(1, code, "message of "+code)
	}
	if c.Message != "message of b" || c.AllFailing() != 5 {
		t.Errorf("message %q of %d failing nodes", c.Message, c.AllFailing())
	}
}
