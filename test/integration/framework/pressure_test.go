package framework

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// pressureOfTheFleet is what a container or node of a fleet with pressure uses in addition to CPU and memory, as kubectl shows it: the fleet's
// percentages in millionths of one, in the shortest form that a quantity has.
var pressureOfTheFleet = map[string]string{
	"plimsoll.io/cpu-pressure-full-10s":    "0",
	"plimsoll.io/cpu-pressure-full-60s":    "100u",
	"plimsoll.io/cpu-pressure-some-10s":    "5300u",
	"plimsoll.io/cpu-pressure-some-60s":    "125m",
	"plimsoll.io/memory-pressure-full-10s": "502500u",
	"plimsoll.io/memory-pressure-full-60s": "10m",
	"plimsoll.io/memory-pressure-some-10s": "1",
	"plimsoll.io/memory-pressure-some-60s": "30700u",
}

// TestPressure reads the pressure of nodes and containers with kubectl through the API server, in both versions of the API, and checks
// that kubectl top and kubectl get print what they print without.
func TestPressure(t *testing.T) {
	b := startAll(t, cluster.Options{Pressure: true, Args: []string{"--extra-resources=pressure"}})[0]
	if err := b.WaitServed(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"v1", "v1beta1"} {
		for _, resource := range []string{"nodes", "pods"} {
			path := "/apis/metrics.k8s.io/" + version + "/" + resource
			t.Run(version+" "+resource, func(t *testing.T) {
				poll.Eventually(t, 30*time.Second, func(ctx context.Context) error { return checkPressure(ctx, b, path) })
			})
		}
	}
	for _, args := range [][]string{{"top", "nodes"}, {"top", "pods", "-A", "--containers"}, {"get", "podmetrics", "-A"}, {"get", "nodemetrics"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			out, err := b.Run(t.Context(), "", args...)
			if err != nil || !strings.Contains(out, "Mi") || strings.Contains(out, "pressure") {
				t.Errorf("kubectl prints %v:\n%s", err, out)
			}
		})
	}
}

type rawItem struct {
	Metadata   struct{ Name string }
	Usage      map[string]string
	Containers []rawItem
}

func checkPressure(ctx context.Context, b *cluster.Cluster, path string) error {
	out, err := b.Run(ctx, "", "get", "--raw", path)
	if err != nil {
		return err
	}
	var list struct{ Items []rawItem }
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		return err
	}
	var all []map[string]string
	for _, item := range list.Items {
		if item.Usage != nil {
			all = append(all, item.Usage)
		}
		for _, c := range item.Containers {
			all = append(all, c.Usage)
		}
	}
	if len(all) < 2 {
		return fmt.Errorf("%d usages are in %s", len(all), out)
	}
	for _, usage := range all {
		if usage["cpu"] == "" || usage["memory"] == "" {
			return fmt.Errorf("no CPU or memory in %v", usage)
		}
		delete(usage, "cpu")
		delete(usage, "memory")
		if diff := cmp.Diff(pressureOfTheFleet, usage); diff != "" {
			return fmt.Errorf("%s has another pressure (-want +got):\n%s", path, diff)
		}
	}
	return nil
}
