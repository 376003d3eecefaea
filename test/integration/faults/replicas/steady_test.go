package replicas

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/report"
)

// TestSteadyReplicas observes two replicas of which nothing is asked that is new to them.
func TestSteadyReplicas(t *testing.T) {
	two := pods.ready()
	if len(two) != 2 || two[0].pod.Spec.NodeName == two[1].pod.Spec.NodeName {
		t.Fatalf("the replicas are %v", two)
	}
	// The scrapes of a start come sooner than those of the resolution.
	for _, r := range two {
		pause(t.Context(), time.Until(r.state().started.Add(resolution+5*time.Second)))
	}
	changing, cancel := context.WithCancel(t.Context())
	varied := make(chan error, 1)
	go func() { varied <- vary(changing, workload()) }()
	// All usage jumps when it begins to change, and a node may be scraped by one replica before that and by the other one after it. Each is scraped once more.
	pause(t.Context(), resolution+2*offsetLimit)
	env.Fleet.ResetTraffic()
	alternating := &figures{name: "one client of both in turn"}
	agreements := alternate(t, two, alternating, 2*resolution)
	cancel()
	if err := <-varied; err != nil {
		t.Error(err)
	}
	t.Run("a client that moves does not go back", func(t *testing.T) { alternating.check(t, "no change", steadyLag) })
	t.Run("offsets", checkOffsets)
	for _, a := range agreements {
		t.Run("values of "+a.resource, a.check)
	}
	if err := pods.failure(); err != nil {
		t.Error(err)
	}
}

// alternate has one client read from both replicas in turn, for a while. It returns how far the nodes and the pods of both agreed.
func alternate(t *testing.T, two []*replica, f *figures, span time.Duration) []*agreement {
	t.Helper()
	c := newCaller(f)
	all := []*agreement{{resource: "nodes"}, {resource: "pods"}}
	ctx, cancel := context.WithTimeout(t.Context(), span)
	defer cancel()
	for ctx.Err() == nil {
		for _, a := range all {
			var lists []*list
			for _, r := range two {
				l, err := c.readFrom(t.Context(), r, a.resource)
				if err != nil {
					continue // It is a failure of the client.
				}
				lists = append(lists, l)
				a.noteVersion(r.pod.Name, l.version)
			}
			if len(lists) == len(two) {
				a.compare(lists[0], lists[1])
			}
		}
		pause(ctx, 50*time.Millisecond)
	}
	return all
}

// readFrom reads a complete list of a replica.
func (c *caller) readFrom(ctx context.Context, r *replica, resource string) (*list, error) {
	requested := time.Now()
	l, err := readList(ctx, r.client, r.host+"/apis/metrics.k8s.io/v1/"+resource)
	if err == nil {
		err = l.missing(expected(resource))
	}
	c.note(resource, requested, l, err)
	return l, err
}

// offsetLimit is how far apart the scrapes of one node by both replicas may be. With offsets of their own they would be a quarter of the resolution apart
// on average. The machine of the test has two cores for everything.
const offsetLimit = time.Second

func checkOffsets(t *testing.T) {
	var spreads []time.Duration
	for _, node := range env.Fleet.Nodes() {
		scrapes := env.Fleet.Scrapes(node)
		// Two replicas, two resolutions, and one more or less of each at the ends.
		if n := len(scrapes); n < 2 || n > 6 {
			t.Errorf("%s was scraped %d times in two resolutions by two replicas", node, n)
			continue
		}
		spreads = append(spreads, spread(scrapes))
	}
	slices.Sort(spreads)
	if len(spreads) == 0 {
		t.Fatal("no node was scraped")
	}
	largest := spreads[len(spreads)-1]
	figure := fmt.Sprintf("both scrape a node within %d ms (median of the nodes), %d ms (largest)", spreads[len(spreads)/2].Milliseconds(), largest.Milliseconds())
	t.Log(figure)
	report.Add(t, report.Row{Table: "replicas", Name: "offsets of the scrapes of a node", Figures: []report.Figure{{Heading: "observation", Text: figure}}})
	if largest > offsetLimit {
		t.Errorf("the scrapes of a node by both replicas are %s apart, want at most %s", largest, offsetLimit)
	}
}

// spread returns the length of the shortest part of the resolution that has the offsets of all times.
func spread(times []time.Time) time.Duration {
	var offsets []time.Duration
	for _, at := range times {
		offsets = append(offsets, time.Duration(at.UnixNano())%resolution)
	}
	slices.Sort(offsets)
	gap := offsets[0] + resolution - offsets[len(offsets)-1]
	for i := range offsets[1:] {
		gap = max(gap, offsets[i+1]-offsets[i])
	}
	return resolution - gap
}
