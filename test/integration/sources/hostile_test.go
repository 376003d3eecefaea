package sources

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/observe"
	"github.com/plimsoll/plimsoll/test/framework/poll"
	"github.com/plimsoll/plimsoll/test/framework/process"
)

// mostMemory is what the process may have resident while kubelets attack, in bytes: the bound of the tests of faults, which is for one cluster.
const mostMemory = 352 << 20

// TestHostileKubeletsOfAnotherCluster has all kubelets of one cluster send responses that cost memory and CPU. The usage of the other cluster that the
// same process serves stays fresh and right, and the process within the memory that it may use for one cluster.
func TestHostileKubeletsOfAnotherCluster(t *testing.T) {
	server := start(t, append(ofHome(), "--source=kubernetes", source(west, "west"))...)
	root, there := asAdmin(t, server, ""), clientOf(t, asAdmin(t, server, "west"))
	here := clientOf(t, root)
	// Another server, without the cluster that attacks, measures the speed of this machine.
	witness := clientOf(t, asAdmin(t, start(t, append(ofHome(), "--source=kubernetes")...), ""))
	all := func(ctx context.Context) error {
		if err := allServed(ctx, here, home.Fleet); err != nil {
			return err
		}
		if err := allServed(ctx, witness, home.Fleet); err != nil {
			return err
		}
		return allServed(ctx, there, west.Fleet)
	}
	poll.Eventually(t, servedWithin, all)
	attack(t)
	throughout(t, 4*resolution,
		func(ctx context.Context) error { return allServed(ctx, witness, home.Fleet) },
		func(ctx context.Context, behind time.Duration) error {
			if err := fresh(ctx, here, len(home.Fleet.Nodes()), resolution+slack+behind); err != nil {
				return err
			}
			if status, body, err := cluster.Get(ctx, root, "/readyz"); status != http.StatusOK {
				return fmt.Errorf("/readyz returned %d (%w): %.300s", status, err, body)
			}
			return allServed(ctx, here, home.Fleet)
		})
	checkCounted(t, server)
}

// attack gives each kubelet of west a fault, until the test ends.
func attack(t *testing.T) {
	noText := fleet.Status(http.StatusNotFound).On(fleet.PathResource)
	faults := []fleet.Fault{
		fleet.EndlessLines(), fleet.Bomb(), fleet.ManySeries(10_000_000), fleet.ManyContainers(99_000), fleet.ManyLabels(6_000_000), noText.Or(fleet.EndlessList()),
	}
	for i, node := range west.Fleet.Nodes() {
		if err := west.Fleet.SetFault(node, faults[i%len(faults)]); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := west.Fleet.ClearFault(node); err != nil {
				t.Error(err)
			}
		})
	}
}

// checkCounted wants the attack to be counted for the cluster that it came from alone, and compares the most memory of a server with the bound.
func checkCounted(t *testing.T, server *cluster.Server) {
	t.Helper()
	counted, err := observe.OwnMetrics(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	for pattern, wanted := range map[string]bool{
		`^plimsoll_scrapes_total{cluster="west",result="too_large"}`:        true,
		`^plimsoll_scrapes_total{cluster="west",result="too_many"}`:         true,
		`^plimsoll_scrapes_total{cluster="",result="(too_large|too_many)"}`: false,
	} {
		if got := counted.Rise(nil, regexp.MustCompile(pattern)); (got > 0) != wanted {
			t.Errorf("%s is %g", pattern, got)
		}
	}
	memory, err := process.MemoryOf(server.PID())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("at most %d MiB were resident", memory.Peak>>20)
	if memory.Peak > mostMemory {
		t.Errorf("%d MiB were resident, want at most %d", memory.Peak>>20, mostMemory>>20)
	}
}
