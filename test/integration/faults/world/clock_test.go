package world

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// TestClockOfTheServerSteps sets the wall clock of one Plimsoll forward and back by an hour. Where it is set forward, the usage may be that old, as where the
// machine was suspended: it is not served until the next scrape. Otherwise all usage is served throughout, under the timestamps of the kubelets; and that
// of a kubelet which ends when the clock is set back is served no longer than any other.
func TestClockOfTheServerSteps(t *testing.T) {
	t.Parallel()
	server := another(t, nil)
	client := direct(t, server, "clock")
	settle(t, client)
	seen := watch(t, client, 250*time.Millisecond)
	last := spare(0)
	begin := time.Now()
	pause(t, 2*time.Second)
	before := seen.between(begin, time.Now())
	var texts []string
	for _, step := range []struct {
		name  string
		ahead time.Duration
		// gap is how long some usage may be absent.
		gap time.Duration
	}{
		{"set forward by an hour", time.Hour, size.resolution + 3*time.Second}, {"set right", 0, 0},
		{"set back by an hour", -time.Hour, 0}, {"set right again", 0, 0},
	} {
		begin := time.Now()
		if err := server.SetClock(step.ahead); errors.Is(err, errors.ErrUnsupported) {
			t.Skip(err)
		} else if err != nil {
			t.Fatal(err)
		}
		pause(t, 3*size.resolution)
		s := seen.between(begin, time.Now())
		texts = append(texts, fmt.Sprintf("%s: %v", step.name, s))
		// What most kubelets report for one resolution shows that the server's clock is behind; until then it seems to be from the future.
		if step.gap == 0 {
			s.requireComplete(t, step.name, 3*size.resolution+2*time.Second)
		} else if s.requireRight(t, step.name); s.gap > step.gap {
			t.Errorf("%s: %v, want at most %s without all usage", step.name, s, step.gap)
		}
	}
	if err := env.Fleet.SetFault(last, fleet.DropConnections()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = env.Fleet.ClearFault(last) })
	gone := time.Now()
	if err := server.SetClock(-time.Hour); err != nil {
		t.Fatal(err)
	}
	pause(t, size.maxAge()+2*time.Second)
	_, err := client.MetricsV1().NodeMetricses().Get(t.Context(), last, metav1.GetOptions{})
	result{
		before: before.String(), during: strings.Join(texts, "; "),
		after: fmt.Sprintf("the node of a kubelet that ended when the clock was set back, after %.0f s: %v", time.Since(gone).Seconds(), err),
		again: "at once",
	}.keep(t, "clock of the server set by an hour")
	if !apierrors.IsNotFound(err) {
		t.Errorf("the usage of a kubelet that has ended is served for longer than the maximum age: %v", err)
	}
}
