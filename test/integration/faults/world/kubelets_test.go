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

// TestKubeletsAway has all kubelets refuse every connection for longer than the maximum age. Their last usage is served until then, and afterwards the
// cause. Meanwhile a namespace can be deleted. When they are back, all usage is fresh within one resolution.
func TestKubeletsAway(t *testing.T) {
	client := direct(t, env.Server, "kubelets-away")
	settle(t, client)
	createNamespace(t, "kubelets-there")
	createNamespace(t, "kubelets-away")
	baseline := deleteNamespace(t, "kubelets-there")
	seen := watch(t, client, 250*time.Millisecond)
	found := repeat(t, 250*time.Millisecond, discovery)
	from := time.Now()
	pause(t, 3*time.Second)

	gone := time.Now()
	allKubelets(t, fleet.DropConnections())
	pause(t, size.maxAge()+2*time.Second)
	expired := time.Now()
	explained(t, client)
	deletion := deleteNamespace(t, "kubelets-away")
	pause(t, max(0, size.away-time.Since(gone)))

	back := time.Now()
	allKubelets(t, fleet.Fault{})
	poll.Eventually(t, size.resolution+3*time.Second, func(ctx context.Context) error {
		v, err := read(ctx, client)
		if err != nil {
			return err
		}
		return v.complete(v.at.Sub(back))
	})
	fresh := time.Since(back)
	pause(t, size.resolution)
	seen.end()
	found.end()
	to := time.Now()

	// Each kubelet was last scraped at some moment of the resolution before.
	last := gone.Add(size.maxAge() - size.resolution - time.Second)
	result{
		before: seen.between(from, gone).String(),
		during: fmt.Sprintf("until the maximum age: %v; afterwards: %v; discovery: %v; a namespace is deleted in %.1f s, with kubelets in %.1f s",
			seen.between(gone, last), seen.between(expired, back), found.between(from, to), deletion.Seconds(), baseline.Seconds()),
		after: seen.between(back, to).String(),
		again: fmt.Sprintf("%.1f s", fresh.Seconds()),
	}.keep(t, fmt.Sprintf("all kubelets away for %s", back.Sub(gone).Round(time.Second)))
	seen.between(from, gone).requireComplete(t, "before", size.resolution+2*time.Second)
	seen.between(gone, last).requireComplete(t, "until the maximum age", size.maxAge())
	if s := seen.between(expired, back); s.refused != s.reads || s.reads == 0 {
		t.Errorf("after the maximum age: %v, want all refused", s)
	}
	seen.between(back, to).requireRight(t, "after")
	found.between(from, to).requireServed(t, "discovery")
	if fresh > size.resolution+2*time.Second {
		t.Errorf("all usage was fresh after %s, want one resolution and a second for the spread, and one for whole seconds", fresh)
	}
}

// allKubelets gives all kubelets a fault; the end of the test ends it.
func allKubelets(t *testing.T, fault fleet.Fault) {
	t.Helper()
	for _, node := range env.Fleet.Nodes() {
		if err := env.Fleet.SetFault(node, fault); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := env.Fleet.ClearFault(node); err != nil {
				t.Error(err)
			}
		})
	}
}

// explained wants a 404 with the cause for a node and for a pod on it, and a 503 with the cause for a list.
func explained(t *testing.T, client metricsclient.Interface) {
	t.Helper()
	const cause = "closed the connection"
	node := nodes()[0]
	_, nodeErr := client.MetricsV1().NodeMetricses().Get(t.Context(), node, metav1.GetOptions{})
	_, podErr := client.MetricsV1().PodMetricses("team-0").Get(t.Context(), node+"-000", metav1.GetOptions{})
	for kind, err := range map[string]error{"node": nodeErr, "pod": podErr} {
		t.Logf("the %s: %v", kind, err)
		if !apierrors.IsNotFound(err) || !strings.Contains(err.Error(), cause) {
			t.Errorf("get of a %s: %v, want a 404 because the kubelet %s", kind, err, cause)
		}
	}
	_, err := client.MetricsV1().PodMetricses("").List(t.Context(), metav1.ListOptions{})
	if !apierrors.IsServiceUnavailable(err) || !strings.Contains(fmt.Sprint(err), "fresh enough") {
		t.Errorf("list: %v, want a 503 with the cause", err)
	}
}
