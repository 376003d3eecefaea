package framework

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/engines"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// TestPrometheusScrapesAFleet has a real Prometheus scrape simulated kubelets itself: its numbers are the fleet's.
func TestPrometheusScrapesAFleet(t *testing.T) {
	f := servedFleet(t)
	scrape := engines.Scrape{Job: "kubelet", Path: fleet.PathResource, Interval: "1s", Targets: map[string]string{}}
	for i, node := range f.Nodes() {
		scrape.Targets[net.JoinHostPort(f.Address(i).String(), strconv.Itoa(f.Port()))] = node
	}
	e := engines.Started(t, engines.Prometheus{Dir: t.TempDir(), Scrapes: []engines.Scrape{scrape}}.Start)
	poll.Eventually(t, 30*time.Second, func(ctx context.Context) error {
		all, err := e.PromQL(ctx, `rate(container_cpu_usage_seconds_total[10s])`, nil)
		if err != nil {
			return err
		}
		if len(all) != 2 {
			return fmt.Errorf("%d series, want 2: %v", len(all), all)
		}
		for _, s := range all {
			cores, _, found := f.Truth(s.Labels["namespace"], s.Labels["pod"], s.Labels["container"])
			if got := s.Last().Value; !found || math.Abs(got-cores) > 0.02*cores {
				return fmt.Errorf("%v uses %.4f cores, %.4f in truth", s.Labels, got, cores)
			}
		}
		return nil
	})
	out, err := engines.Promtool(t.Context(), "query", "instant", e.URL, "up")
	if err != nil {
		t.Fatal(err)
	}
	t.Log(out)
}

// servedFleet serves two nodes with a pod of the same name in two namespaces.
func servedFleet(t *testing.T) *fleet.Fleet {
	t.Helper()
	f, err := fleet.New(fleet.Options{Nodes: 2, Block: 77})
	if err != nil {
		t.Fatal(err)
	}
	for i, node := range f.Nodes() {
		err := f.AddPod(node, fleet.Pod{Namespace: fmt.Sprintf("n%d", i), Name: "p", UID: strconv.Itoa(i), Containers: []fleet.Container{
			{Name: "app", CPU: 0.25 * float64(i+1), Memory: 1 << 20},
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	ended := make(chan error)
	go func() { ended <- f.Start(t.Context()) }()
	t.Cleanup(func() {
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	return f
}
