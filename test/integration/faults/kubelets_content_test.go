package faults

import (
	"net/http"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// manyContainers is how many a kubelet gives to one pod, or reports of pods that do not exist, and almostTooMany as many as a text may have that is decoded at all.
const manyContainers, almostTooMany = 99_000, 49_000

// TestKubelets has kubelets attack by the bodies of their responses.
func TestKubelets(t *testing.T) {
	noText := fleet.Status(http.StatusNotFound).On(fleet.PathResource)
	runKubelets(t, []hostile{
		// What is expensive to read comes first, so that there is one of them in each group of the short form.
		{"blank lines without an end", fleet.Huge(), []string{scrapes("too_large")}},
		{"lines without an end", fleet.EndlessLines(), []string{scrapes("too_large")}},
		{"a line without an end", fleet.EndlessLine(), []string{scrapes("too_large")}},
		{"a gzip bomb", fleet.Bomb(), []string{scrapes("too_large")}},
		{"ten million series", fleet.ManySeries(10_000_000), []string{scrapes("too_large")}},
		{"a list of pods without an end", noText.Or(fleet.EndlessList()), []string{scrapes("too_large")}},
		{"99,000 containers of one pod", fleet.ManyContainers(manyContainers), []string{scrapes("too_many")}},
		{"99,000 containers of one pod in a summary", noText.Or(fleet.ManyContainers(manyContainers)), []string{rejections("too_many")}},
		{"4 million lines", fleet.ShortLines(4_000_000), []string{scrapes("too_many")}},
		{"99,000 pods that do not exist", fleet.UnknownPods(manyContainers), []string{scrapes("too_many")}},
		{"49,000 containers of one pod", fleet.ManyContainers(almostTooMany), []string{rejections("too_many")}},
		{"5,000 pods that do not exist", fleet.UnknownPods(5000), []string{rejections("too_many")}},
		{"1.4 million null pods", noText.Or(fleet.NullPods(1_400_000)), []string{scrapes("no_containers")}},
		{"6 million labels on a line", fleet.ManyLabels(6_000_000), []string{rejections("too_long")}},
		{"a label of 10 MiB", fleet.LongLabel(10 << 20), []string{rejections("too_long")}},
		{"series in another order each time", fleet.ChangingOrder(4000), []string{fullParses}},
		{"names that change in every response", fleet.ChangingNames(1000), []string{unexpected}},

		{"series without labels", fleet.WithoutLabels(), []string{rejections("malformed")}},
		{"names that are not UTF-8", fleet.InvalidUTF8(), []string{rejections("malformed")}},
		{"a body that is cut", fleet.Cut(), []string{scrapes("truncated")}},
		{"a body that ends before its length", fleet.Truncate(), []string{scrapes("truncated")}},
		{"NaN", fleet.Values("NaN"), []string{rejections("not_finite")}},
		{"infinity", fleet.Values("+Inf"), []string{rejections("not_finite")}},
		{"negative values", fleet.Values("-1"), []string{rejections("negative")}},
		{"values that no counter holds", fleet.Values("1e300"), []string{rejections("too_large")}},
		{"another node's pods", fleet.OtherNodesPods(), []string{rejections("foreign")}},
		{"each series twice", fleet.Duplicates(2), []string{rejections("repeated")}},
		{"each series fifty times", fleet.Duplicates(50), []string{rejections("too_many")}},
		{"a page of HTML", fleet.HTML(), []string{scrapes("empty")}},
		{"the other endpoint's format", fleet.OtherFormat(), []string{scrapes("empty")}},
		{"an empty body", fleet.Empty(), []string{scrapes("empty")}},
		{"random bytes", fleet.Garbage(), []string{scrapes("syntax|empty")}},
		{"times an hour ahead", fleet.Clock(time.Hour), []string{rejections("future")}},
		{"times at the end of what can be written", fleet.FarFuture(), []string{rejections("future")}},
		{"times before 1970", fleet.Ancient(), []string{rejections("bad_time")}},
		{"times an hour behind", fleet.Clock(-time.Hour), []string{rejections("clock_set_back")}},
		{"a clock that steps by half a minute", fleet.SteppingClock(30 * time.Second), []string{rejections("clock_set_back")}},
		{"a clock that steps by an hour", fleet.SteppingClock(time.Hour), []string{rejections("future"), rejections("clock_set_back")}},
		{"the error gauge", fleet.ScrapeError(), []string{scrapes("kubelet_error")}},
		{"no container", fleet.NoContainers(), nil},
		{"another content type", fleet.ContentType("text/html"), nil},
	})
}

// unexpected counts containers that the objects of their pods do not have.
const unexpected = `^plimsoll_unexpected_containers_total{cluster=""}`

// fullParses counts the responses that are not written as kubelets write.
const fullParses = `^plimsoll_full_parses_total{cluster=""}`
