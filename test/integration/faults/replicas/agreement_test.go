package replicas

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/report"
)

const (
	// differenceLimit is by how much two values of one scrape may differ, as a part of the larger one.
	differenceLimit = 0.01
	// slope is by which part the usage of every container changes in a second. So values that differ by less than differenceLimit are of moments that
	// are less than a second apart.
	slope = 0.01
	// period is the time in which the usage rises and falls once, and step the time between two changes of it.
	period, step = 40 * time.Second, 250 * time.Millisecond
)

// vary changes the usage of all containers until ctx ends: each rises and falls on a phase of its own.
func vary(ctx context.Context, pods []fleet.PodTruth) error {
	ticker := time.NewTicker(step)
	defer ticker.Stop()
	for begin := time.Now(); ; {
		for i, p := range pods {
			at := time.Since(begin) + period*time.Duration(i)/time.Duration(len(pods))
			factor := 1 + slope*(at%period-period/2).Abs().Seconds()
			for _, c := range p.Containers {
				if err := env.Fleet.SetUsage(p.Namespace, p.Name, c.Name, c.CPU*factor, uint64(float64(c.Memory)*factor)); err != nil {
					return err
				}
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// agreement is how far the values agree that two replicas serve at the same moments.
type agreement struct {
	resource string
	// pairs is how many pairs of values were compared, and apart how many of them were not of the same scrape, because one replica had the next already.
	pairs, apart int
	// largest is the largest difference of two values of one scrape, as a part of the larger value, and where says of which.
	largest float64
	where   string
	// oldest is the largest age of a resource version, of the replica versionOf.
	oldest    time.Duration
	versionOf string
	err       error
}

// noteVersion takes the resource version of a list, which is the time of the latest publication, in microseconds.
func (a *agreement) noteVersion(pod string, version uint64) {
	if age := time.Since(time.UnixMicro(int64(version))); age.Abs() > a.oldest.Abs() {
		a.oldest, a.versionOf = age, fmt.Sprintf("resource version %d of pod %s", version, pod)
	}
}

// compare takes the lists that two replicas served at the same moment.
func (a *agreement) compare(x, y *list) {
	if len(x.usage) != len(y.usage) {
		a.err = fmt.Errorf("one list has %d values, the other %d", len(x.usage), len(y.usage))
	}
	for key, text := range x.usage {
		object, _, _ := strings.Cut(key, " ")
		a.pairs++
		// Timestamps are whole seconds: two of one scrape may be of neighbouring ones.
		if x.times[object].Sub(y.times[object]).Abs() > time.Second {
			a.apart++
			continue
		}
		part, err := difference(text, y.usage[key])
		if err != nil {
			a.err = errors.Join(a.err, fmt.Errorf("%s: %w", key, err))
		}
		if part > a.largest {
			a.largest, a.where = part, fmt.Sprintf("%s: %s and %s", key, text, y.usage[key])
		}
	}
}

// difference is that of two quantities, as a part of the larger one.
func difference(a, b string) (float64, error) {
	x, first := resource.ParseQuantity(a)
	y, second := resource.ParseQuantity(b)
	if err := errors.Join(first, second); err != nil {
		return 0, fmt.Errorf("%q and %q: %w", a, b, err)
	}
	v, w := x.AsApproximateFloat64(), y.AsApproximateFloat64()
	return math.Abs(v-w) / max(v, w, 1e-9), nil
}

// check reports the agreement, and compares it with the bounds.
func (a *agreement) check(t *testing.T) {
	t.Helper()
	apart := float64(a.apart) / float64(max(a.pairs, 1))
	figure := fmt.Sprintf("%d pairs of values; the largest difference of two of one scrape is %.2f %%; in %.2f %% of the pairs one replica has the next scrape; the oldest resource version is the time %.1f s before",
		a.pairs, a.largest*100, apart*100, a.oldest.Seconds())
	t.Logf("%s: %s (%s)", a.resource, figure, a.where)
	report.Add(t, report.Row{Table: "replicas", Name: "usage that changes by 1 % per second, " + a.resource, Figures: []report.Figure{{Heading: "observation", Text: figure}}})
	if a.pairs == 0 || a.err != nil || a.largest >= differenceLimit {
		t.Errorf("want values that differ by less than %.0f %%: %v", differenceLimit*100, a.err)
	}
	if limit := float64(offsetLimit) / float64(resolution); apart > limit {
		t.Errorf("want no more than %.1f %% of the pairs to be of two scrapes", limit*100)
	}
	// 20 nodes are published in each resolution.
	if a.oldest < 0 || a.oldest > resolution {
		t.Errorf("the %s is that of a moment %s before, want one within the resolution", a.versionOf, a.oldest)
	}
}
