package world

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// TestClockOfAKubeletSteps sets the clocks of two kubelets forward and back by an hour, and right again. No rate is computed across a step. The usage of
// the one whose clock is ahead expires with the cause, that of the one whose clock is behind is served under its own time.
func TestClockOfAKubeletSteps(t *testing.T) {
	t.Parallel()
	client := direct(t, env.Server, "kubelet-clock")
	settle(t, client)
	pause(t, 3*size.resolution) // A new server serves kubelets' own rates at first, whose windows are nominal.
	ahead, behind := spare(3), spare(4)
	both := []string{ahead, behind}
	seen, rates := watch(t, client, 500*time.Millisecond), []*nodeRates{watchNode(t, client, ahead), watchNode(t, client, behind)}
	from := time.Now()
	setFault(t, ahead, fleet.Clock(time.Hour))
	setFault(t, behind, fleet.Clock(-time.Hour))
	pause(t, size.maxAge()+2*time.Second)
	_, missing := client.MetricsV1().NodeMetricses().Get(t.Context(), ahead, metav1.GetOptions{})
	n, err := client.MetricsV1().NodeMetricses().Get(t.Context(), behind, metav1.GetOptions{})
	right := time.Now()
	for _, node := range both {
		if err := env.Fleet.ClearFault(node); err != nil {
			t.Fatal(err)
		}
	}
	poll.Eventually(t, 4*size.resolution, func(ctx context.Context) error { return newerThan(ctx, client, both, right) })
	fresh := time.Since(right)
	pause(t, size.resolution)
	seen.end()
	others := seen.between(from, time.Now())
	result{
		before: "all usage", during: fmt.Sprintf("ahead: %v; behind: served with an age of %s; the others: %v", missing, right.Sub(n.Timestamp.Time).Round(time.Second), others),
		after: fmt.Sprintf("ahead: %v; behind: %v", rates[0].finish(), rates[1].finish()), again: fmt.Sprintf("%.1f s", fresh.Seconds()),
	}.keep(t, "clocks of two kubelets set forward and back by an hour, and right again")
	if !apierrors.IsNotFound(missing) || !strings.Contains(missing.Error(), "clock") {
		t.Errorf("a node whose clock is ahead: %v, want a 404 that names the clock", missing)
	}
	if err != nil || right.Sub(n.Timestamp.Time) < time.Hour {
		t.Errorf("a node whose clock is behind: %v, want it to be served under its own time", err)
	}
	for i, r := range rates {
		if r.wrong != nil || r.served == 0 {
			t.Errorf("%s: %v, and %v", both[i], r, r.wrong)
		}
	}
	others.requireComplete(t, "the others", size.resolution+2*time.Second)
}

// newerThan wants usage of nodes that is not older than a moment.
func newerThan(ctx context.Context, client metricsclient.Interface, nodes []string, moment time.Time) error {
	for _, node := range nodes {
		n, err := client.MetricsV1().NodeMetricses().Get(ctx, node, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if n.Timestamp.Time.Before(moment.Truncate(time.Second)) {
			return fmt.Errorf("%s has usage of %s", node, n.Timestamp.Format(time.TimeOnly))
		}
	}
	return nil
}

func setFault(t *testing.T, node string, fault fleet.Fault) {
	t.Helper()
	if err := env.Fleet.SetFault(node, fault); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = env.Fleet.ClearFault(node) })
}

// nodeRates compares the rate of a node with the true average over its window. The clock of the node is right, or an hour behind.
type nodeRates struct {
	end func()
	// They belong to the client until end returns: it sends one call at a time.
	served, absent int
	wrong          error
}

func watchNode(t *testing.T, client metricsclient.Interface, node string) *nodeRates {
	r := &nodeRates{}
	turn := make(chan struct{}, 1)
	r.end = repeat(t, 250*time.Millisecond, func(ctx context.Context) error {
		turn <- struct{}{}
		defer func() { <-turn }()
		n, err := client.MetricsV1().NodeMetricses().Get(ctx, node, metav1.GetOptions{})
		if err != nil {
			r.absent++
			return err
		}
		behind := time.Since(n.Timestamp.Time).Truncate(time.Hour)
		truth := func(from, to time.Time) (float64, bool) {
			return env.Fleet.NodeCPUBetween(node, from.Add(behind), to.Add(behind))
		}
		if err := isAverage(n.Usage.Cpu().AsApproximateFloat64(), n.Timestamp.Time, n.Window.Duration, truth); err != nil && r.wrong == nil {
			r.wrong = err
		}
		r.served++
		return nil
	}).end
	return r
}

// finish ends the client.
func (r *nodeRates) finish() *nodeRates {
	r.end()
	return r
}

// String formats the figures for the log.
func (r *nodeRates) String() string {
	return fmt.Sprintf("%d rates, absent in %d responses", r.served, r.absent)
}
