package replicas

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/test/framework/report"
)

const (
	// callers is how many clients call on each way, every so often: 100 calls a second together.
	callers, every = 10, 100 * time.Millisecond
	// skew is how long after something newer a client that moves between replicas may read what is older: one replica has the next scrape sooner.
	skew = time.Second
	// steadyLag is by how much it may be older after that: timestamps are whole seconds. startLag is the same while replicas start: a new one has scraped each
	// node since, and its peer scrapes it within a resolution. versionLag is that of resource versions, which no start sets back.
	steadyLag, startLag, versionLag = time.Second, resolution + time.Second, 2 * time.Second
	// oldest is how old metrics may be: the resolution, 2 s, and 1 s because the API has whole seconds.
	oldest = resolution + 3*time.Second
	// maxGap is for how long no client of a way may have a response, and longest how long one call may take.
	maxGap, longest = time.Second, 2 * time.Second
)

// figures are what the calls of a number of clients have shown.
type figures struct {
	name string

	// mu guards what follows.
	mu       sync.Mutex
	calls    int
	failures []error
	// age is that of the oldest metrics. timeLag and versionLag are by how much a timestamp, or a resource version, was older than one that the same client
	// had read at least skew before.
	age, timeLag, versionLag time.Duration
	// timeLagOf is the object of that timestamp.
	timeLagOf string
	// response is when the latest response came. gap is the longest time between two of them, and took that of one call.
	response  time.Time
	gap, took time.Duration
}

// String formats the figures.
func (f *figures) String() string {
	return fmt.Sprintf("%s: %d calls, %d failed; no response for at most %.3f s, the longest call took %.3f s; oldest metrics %.1f s; "+
		"timestamps older than before by at most %s (%s), resource versions by %s",
		f.name, f.calls, len(f.failures), f.gap.Seconds(), f.took.Seconds(), f.age.Seconds(), f.timeLag, f.timeLagOf, f.versionLag)
}

// check reports the figures of an event, and compares them with the bounds.
func (f *figures) check(t *testing.T, event string, lag time.Duration) {
	t.Helper()
	t.Log(f)
	report.Add(t, report.Row{Table: "replicas", Name: event + ", " + f.name, Figures: []report.Figure{
		{Heading: "calls", Value: float64(f.calls)}, {Heading: "failed", Text: strconv.Itoa(len(f.failures))},
		{Heading: "longest call", Value: float64(f.took.Milliseconds()), Unit: report.Milliseconds},
		{Heading: "longest time without a response", Value: float64(f.gap.Milliseconds()), Unit: report.Milliseconds},
		{Heading: "oldest usage", Value: f.age.Seconds(), Unit: report.Seconds},
		{Heading: "usage older than before, by", Value: f.timeLag.Seconds(), Unit: report.Seconds},
		{Heading: "resource version older than before, by", Value: f.versionLag.Seconds(), Unit: report.Seconds},
	}})
	if len(f.failures) > 0 {
		t.Errorf("%s: %d of %d calls failed: %v", f.name, len(f.failures), f.calls, errors.Join(f.failures[:min(5, len(f.failures))]...))
	}
	if f.gap > maxGap || f.took > longest {
		t.Errorf("%s: want a response every %s at least, and no call that takes more than %s", f.name, maxGap, longest)
	}
	if f.age > oldest || f.timeLag > lag || f.versionLag > versionLag {
		t.Errorf("%s: want no metrics older than %s, and none that are older by more than %s, or of a version that is older by more than %s, than what was read %s before",
			f.name, oldest, lag, versionLag, skew)
	}
}

// caller is one client. It remembers when it first had what it has read: resource versions by resource, and timestamps by object.
type caller struct {
	*figures
	versions, times map[string]history
}

// history has what was newer than all before it, by when it was read first.
type history []read

type read struct {
	// value is in Unix microseconds.
	value int64
	at    time.Time
}

// note adds a value, and returns by how much it is older than the newest that was read at least skew before.
func (h history) note(value int64, now time.Time) (next history, behind time.Duration) {
	for _, r := range h {
		if now.Sub(r.at) >= skew {
			behind = max(0, time.Duration(r.value-value)*time.Microsecond)
		}
	}
	if len(h) == 0 || value > h[len(h)-1].value {
		const enough = 100 // They span more than skew.
		h = append(h[max(0, len(h)-enough):], read{value, now})
	}
	return h, behind
}

func newCaller(f *figures) *caller {
	return &caller{figures: f, versions: map[string]history{}, times: map[string]history{}}
}

// note compares a list of a resource, which was requested at a time, with those that the client has read before.
func (c *caller) note(resource string, requested time.Time, l *list, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	now := time.Now()
	c.took = max(c.took, now.Sub(requested))
	if err != nil {
		c.failures = append(c.failures, fmt.Errorf("%s: %w", time.Now().Format(time.TimeOnly+".000"), err))
		return
	}
	if !c.response.IsZero() {
		c.gap = max(c.gap, now.Sub(c.response))
	}
	c.response = now
	var behind time.Duration
	for name, at := range l.times {
		c.age = max(c.age, now.Sub(at))
		c.times[name], behind = c.times[name].note(at.UnixMicro(), requested)
		if behind > c.timeLag {
			c.timeLag, c.timeLagOf = behind, name
		}
	}
	c.versions[resource], behind = c.versions[resource].note(int64(l.version), requested)
	c.versionLag = max(c.versionLag, behind)
}

// load are clients of both versions, of which one is reached at the endpoints of the Service and the other through a balancer.
type load struct {
	cancel  context.CancelFunc
	running sync.WaitGroup
	figures []*figures
	begin   time.Time
}

func startLoad(t *testing.T) *load {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	l := &load{cancel: cancel, begin: time.Now()}
	t.Cleanup(func() { cancel(); l.running.Wait() })
	for _, way := range []struct{ name, version string }{{"through the endpoints", "v1"}, {"through a balancer", "v1beta1"}} {
		client, err := rest.HTTPClientFor(env.AdminConfig())
		if err != nil {
			t.Fatal(err)
		}
		f := &figures{name: way.name}
		l.figures = append(l.figures, f)
		for range callers {
			l.running.Go(func() { newCaller(f).call(ctx, client, env.AdminConfig().Host+"/apis/metrics.k8s.io/"+way.version+"/") })
		}
	}
	return l
}

// call reads the pods, and at every fifth time the nodes, until ctx ends.
func (c *caller) call(ctx context.Context, client *http.Client, url string) {
	nodeNames, podNames := expected("nodes"), expected("pods")
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		resource, names := "pods", podNames
		if i%5 == 0 {
			resource, names = "nodes", nodeNames
		}
		requested := time.Now()
		l, err := readList(context.WithoutCancel(ctx), client, url+resource)
		if err == nil {
			err = l.missing(names)
		}
		c.note(resource, requested, l, err)
	}
}

// stop ends the calls and compares what they have shown with the bounds.
func (l *load) stop(t *testing.T, event string) {
	t.Helper()
	l.cancel()
	l.running.Wait()
	for _, f := range l.figures {
		f.check(t, event, startLag)
		if rate := float64(f.calls) / time.Since(l.begin).Seconds(); rate < 50 {
			t.Errorf("%s: %.0f calls a second were too few", f.name, rate)
		}
	}
}
