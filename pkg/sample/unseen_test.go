package sample

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestRestartThatNoReadingShows has a kubelet keep the start time of an instance that ended, and the next instance use more than the first:
// nothing in two such scrapes shows that there was a restart, and the rate is too low.
func TestRestartThatNoReadingShows(t *testing.T) {
	var c CPUCounter
	for i, scrape := range []step{{read: 100, cpu: 1, start: 90}, {read: 115, cpu: 4, start: 90}} {
		if got := c.Accept(scrape.usage(), ScrapeInfo{Now: at(scrape.read), Previous: at(85 + 15*float64(i))}); got != NotRejected {
			t.Errorf("scrape %d: %s", i, got)
		}
	}
	if diff := gocmp.Diff(outcome{200, 15, 115, true}, rateOf(&c), gocmp.Comparer(near)); diff != "" {
		t.Errorf("rate (-want +got):\n%s", diff)
	}
}
