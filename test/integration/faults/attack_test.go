package faults

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/observe"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// attack is the work of one party, and the series by which an operator recognizes it.
type attack struct {
	// name is a row of a table of docs/reliability.md, and table is which one: kubeletsTable or clientsTable. Without a table the attack is not reported.
	name, table string
	// nodes are those of the attacking kubelets: their own usage may suffer.
	nodes []string
	// wage attacks until ctx ends. It leaves nothing behind.
	wage func(ctx context.Context, t *testing.T) error
	// counted are patterns of series of Plimsoll's own metrics: for each, at least one that matches has risen.
	counted []string
	// observers are observed in addition to those of observe.Usual.
	observers []observe.Observer
}

// bounds are those of the other parties. The memory is what 20 nodes take, and four times the two largest responses: the process has no limit.
var bounds = observe.Bounds{Age: observe.AgeLimit(resolution), Call: time.Second, Peak: 96<<20 + 4*2*largestResponse}

const (
	// largestResponse is how much of a kubelet's response Plimsoll reads at most, in bytes.
	largestResponse = 32 << 20
	// settling is how long the usage of all nodes takes at most until it is fresh after an attack: a node that has failed is scraped less often.
	settling = 3 * time.Minute
)

// never are patterns of series that no attack may raise: what an operator cannot tell from anything else.
var never = []*regexp.Regexp{regexp.MustCompile(`="(other|unknown)"`), regexp.MustCompile(`result="decoder_fault"`)}

// run attacks, and requires that other parties are not affected. Where only times are over their bounds it attacks once more: a machine that
// does something else for a moment adds to a time, and an attack that works does so again.
func (a attack) run(t *testing.T) {
	t.Helper()
	if reason := only.skip(t, a); reason != "" {
		t.Skip(reason)
	}
	late := a.once(t)
	if late == nil {
		return
	}
	t.Logf("once more, as this was late: %v", late)
	if late = a.once(t); late != nil {
		t.Error(late)
	}
}

// once attacks once. It returns which times were over their bounds.
func (a attack) once(t *testing.T) (late error) {
	t.Helper()
	// Which nodes are not observed is decided once: later, more of them would be, before they are fresh.
	recovering := attackers.recovering(a.nodes)
	settle(t, recovering...)
	var resident uint64
	if isFull {
		resident = cool(t)
	}
	before := ownMetrics(t)
	seen := a.observed(t, recovering)
	attackers.end(a.nodes)
	t.Logf("%s: %v", a.name, seen)
	t.Logf("counted: %s", strings.Join(seen.Series.Risen(before, observe.Counted), ", "))
	if err := bounds.Broken(seen); err != nil {
		t.Error(err)
	}
	for _, text := range a.counted {
		pattern := regexp.MustCompile(text)
		if seen.Series.Rise(before, pattern) == 0 {
			t.Errorf("no series that matches %s has risen", pattern)
		}
		if risen := calm.Series.Risen(beforeCalm, pattern); len(risen) > 0 {
			t.Errorf("what also rises without an attack shows none: %s", strings.Join(risen, ", "))
		}
	}
	for _, pattern := range never {
		if risen := seen.Series.Risen(before, pattern); len(risen) > 0 && slices.ContainsFunc(risen, observe.Counted.MatchString) {
			t.Errorf("counted as something else: %s", strings.Join(risen, ", "))
		}
	}
	if late = bounds.Late(seen); late == nil && a.table != "" && !t.Failed() {
		addRow(t, a, seen, resident)
	}
	return late
}

// observed attacks while the other parties are observed, but for the nodes that recover from their own attacks.
func (a attack) observed(t *testing.T, recovering []string) *observe.Observation {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), lasts)
	defer cancel()
	failed := make(chan error, 1)
	go func() { failed <- a.wage(ctx, t) }()
	seen := observe.Run(ctx, env.Server, append(observe.Usual(env, slices.Concat(a.nodes, recovering)...), a.observers...)...)
	if err := <-failed; err != nil {
		t.Errorf("the attack did not take place: %v", err)
	}
	// What the last scrapes of the attackers found may have been counted after the last observation.
	if last, err := observe.OwnMetrics(t.Context(), env.Server); err == nil {
		seen.NoteSeries(last)
	}
	return seen
}

// label is the label of a pattern, by which an operator tells the attack from others, and metric the metric of a pattern without one.
var (
	label  = regexp.MustCompile(`(?:result|reason|state|code)="\(?([a-z0-9_|-]+)\)?"`)
	metric = regexp.MustCompile(`^\^([a-z_]+)`)
)

// reasons are the values of the labels by which the attack is counted, or the metrics.
func (a attack) reasons() string {
	var values []string
	for _, pattern := range a.counted {
		found := label.FindStringSubmatch(pattern)
		if found == nil {
			found = metric.FindStringSubmatch(pattern)
		}
		if found != nil && !slices.Contains(values, found[1]) {
			values = append(values, found[1])
		}
	}
	if len(values) == 0 {
		return "nothing"
	}
	return strings.Join(values, ", ")
}

// settle waits until every node is served with usage of its last scrape, but some nodes.
func settle(t *testing.T, except ...string) {
	t.Helper()
	if err := settled(t.Context(), except...); err != nil {
		t.Fatal(err)
	}
}

func settled(ctx context.Context, except ...string) error {
	return poll.Within(ctx, settling, func(ctx context.Context) error {
		_, err := observe.Oldest(ctx, env, bounds.Age, except...)
		return err
	})
}

// ownMetrics requests Plimsoll's own metrics.
func ownMetrics(t *testing.T) (all observe.Series) {
	t.Helper()
	poll.Eventually(t, 30*time.Second, func(ctx context.Context) (err error) {
		all, err = observe.OwnMetrics(ctx, env.Server)
		return err
	})
	return all
}

// first returns the names of the first n nodes.
func first(n int) []string { return slices.Clone(env.Fleet.Nodes()[:n]) }

// successes count the scrapes that found nothing wrong.
const successes = `^plimsoll_scrapes_total{cluster="",result="success"}`

// scrapes counts scrapes by one of some results.
func scrapes(results string) string {
	return `^plimsoll_scrapes_total{cluster="",result="(` + results + `)"}`
}

// rejections counts rejected readings, by reason.
func rejections(reason string) string {
	return `^plimsoll_readings_rejected_total{cluster="",reason="` + reason + `"}`
}

// TestNoAttack compares what was observed before the first attack with the bounds.
func TestNoAttack(t *testing.T) {
	t.Log(calm)
	if err := errors.Join(bounds.Late(calm), bounds.Broken(calm)); err != nil {
		t.Error(err)
	}
	if calm.Series.Rise(nil, regexp.MustCompile(successes)) == 0 {
		t.Error("no scrape has succeeded")
	}
}
