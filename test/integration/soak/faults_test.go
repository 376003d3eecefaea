package soak

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

const (
	// faulty is the share of nodes with a fault, at least leastFaulty nodes.
	faulty, leastFaulty = 0.15, 4
	// betweenStorms is how many times as often a second passes as one in which half of the nodes fail at once, for a resolution.
	betweenStorms = 90
	// afterLies is how long a false value may be served after the node's last lie: until the maximum age, a minute more where readings stand still, and as
	// part of the next window.
	afterLies = 3 * time.Minute
)

// faults gives nodes faults of the fleet's catalogue, for times of half a resolution to eight.
type faults struct {
	random    *rand.Rand
	catalogue []fleet.Entry
	verdict   *verdict
	// ends is when the fault of a node ends, made how often each kind of fault was made.
	ends map[string]time.Time
	made map[string]int
}

func newFaults(v *verdict) *faults {
	return &faults{random: size.random(1), catalogue: fleet.Catalogue(), verdict: v, ends: map[string]time.Time{}, made: map[string]int{}}
}

// step ends the faults that are over, and begins others.
func (f *faults) step(t *testing.T) {
	now := time.Now()
	for node, end := range f.ends {
		if now.After(end) {
			f.set(t, node, fleet.Fault{})
			delete(f.ends, node)
		}
	}
	f.storms(t, now)
	for len(f.ends) < max(leastFaulty, int(faulty*float64(size.nodes))) {
		node := f.node()
		lasts := time.Duration(float64(size.resolution) * math.Exp2(f.random.Float64()*4-1))
		fault, lies := f.draw()
		f.begin(t, node, fault, lies, now.Add(lasts))
	}
}

// storms has many nodes fail in the same way: first in two ways after which what Plimsoll keeps for reuse, and what it needs at most, has its full size;
// then now and then.
func (f *faults) storms(t *testing.T, now time.Time) {
	switch f.made["storm"] {
	case 0:
		f.storm(t, now, fleet.Hang(), 1) // One coroutine for each run that waits; some are kept.
	case 1:
		if len(f.ends) == 0 {
			f.storm(t, now, fleet.Huge(), max(1, size.nodes/20)) // The largest bodies, as many at once as there may be.
		}
	default:
		if f.random.IntN(betweenStorms) == 0 {
			ways := []fleet.Fault{fleet.Hang(), fleet.Status(http.StatusServiceUnavailable), fleet.DropConnections()}
			f.storm(t, now, ways[f.random.IntN(len(ways))], 2)
		}
	}
}

// storm has about one in so many nodes fail in the same way, for a resolution.
func (f *faults) storm(t *testing.T, now time.Time, fault fleet.Fault, oneIn int) {
	f.made["storm"]++
	for _, node := range env.Fleet.Nodes() {
		if f.random.IntN(oneIn) == 0 && f.ends[node].IsZero() {
			f.begin(t, node, fault, false, now.Add(size.resolution))
		}
	}
}

// node draws one that has no fault.
func (f *faults) node() string {
	for {
		node := fleet.NodeName("node", f.random.IntN(size.nodes))
		if f.ends[node].IsZero() {
			return node
		}
	}
}

// draw makes a fault: one of the catalogue, of one endpoint or both, or two that alternate.
func (f *faults) draw() (fault fleet.Fault, lies bool) {
	fault, lies = f.one()
	switch f.random.IntN(8) {
	case 0, 1:
		return fault.On(fleet.PathResource), lies
	case 2:
		return fault.On(fleet.PathSummary), lies
	case 3:
		second, secondLies := f.one()
		return fleet.Alternate(fault, second), lies || secondLies
	case 4:
		second, secondLies := f.one()
		return fleet.Status(http.StatusNotFound).On(fleet.PathResource).Or(fleet.Alternate(fault, second)), lies || secondLies
	default:
		return fault, lies
	}
}

func (f *faults) one() (fault fleet.Fault, lies bool) {
	entry := f.catalogue[f.random.IntN(len(f.catalogue))]
	f.made[entry.Name]++
	return entry.Make(f.random), entry.Lies
}

func (f *faults) begin(t *testing.T, node string, fault fleet.Fault, lies bool, end time.Time) {
	f.set(t, node, fault)
	f.ends[node] = end
	if lies {
		f.verdict.lies(node, end.Add(afterLies))
	}
}

func (f *faults) set(t *testing.T, node string, fault fleet.Fault) {
	if err := env.Fleet.SetFault(node, fault); err != nil {
		t.Errorf("set fault %s of %s: %v", fault, node, err)
	}
}

// end makes all nodes healthy.
func (f *faults) end(t *testing.T) {
	for node := range f.ends {
		f.set(t, node, fleet.Fault{})
	}
}

func (f *faults) report(t *testing.T) {
	var kinds []string
	for _, name := range slices.Sorted(maps.Keys(f.made)) {
		kinds = append(kinds, fmt.Sprintf("%s %d", name, f.made[name]))
	}
	t.Logf("faults: %s", strings.Join(kinds, ", "))
}
