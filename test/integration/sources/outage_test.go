package sources

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// TestOneClusterGoesDown stops a control plane and its kubelets under a server that scrapes it in addition to its own cluster, and starts
// another server after that. The cluster is this test's own, because it does not come back.
func TestOneClusterGoesDown(t *testing.T) {
	t.Parallel()
	gone, err := startCluster(t.Context(), t.TempDir(), cluster.Options{Name: "gone", Nodes: 2, Block: 22, Annotations: uses("50m", "96Mi")})
	if err != nil {
		t.Fatal(err)
	}
	stopped := false
	t.Cleanup(func() {
		if !stopped {
			_ = gone.Stop() // The test has failed already.
		}
	})
	args := append(ofHome(), "--source=kubernetes", source(gone, "gone"))
	server := start(t, args...)
	root, there := asAdmin(t, server, ""), clientOf(t, asAdmin(t, server, "gone"))
	here, begin := clientOf(t, root), time.Now()
	poll.Eventually(t, servedWithin, func(ctx context.Context) error {
		if err := allServed(ctx, here, home.Fleet); err != nil {
			return err
		}
		return allServed(ctx, there, gone.Fleet)
	})
	// Another server, without the cluster that goes down, measures the speed of this machine.
	witness := clientOf(t, asAdmin(t, start(t, append(ofHome(), "--source=kubernetes")...), ""))
	poll.Eventually(t, servedWithin, func(ctx context.Context) error {
		// The initial scrapes come out of order, so that the gap before the next one may be longer than a resolution.
		if ran := time.Since(begin); ran < 2*resolution {
			return fmt.Errorf("the server has run for %s alone", ran)
		}
		return allServed(ctx, witness, home.Fleet)
	})
	var g errgroup.Group
	g.Go(gone.Stop)
	stopped = true
	// Longer than the newest usage of the cluster that is gone may be served.
	throughout(t, maxAge+2*resolution,
		func(ctx context.Context) error {
			_, err := readV1(ctx, witness)
			return err
		},
		func(ctx context.Context, behind time.Duration) error { return unharmed(ctx, root, there, behind) })
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	poll.Eventually(t, 2*maxAge, func(ctx context.Context) error { return explained(ctx, there) })
	t.Run("a server that starts now", func(t *testing.T) { checkStart(t, args) })
}

// unharmed wants home's usage to be fresh, the server to be ready, and the usage of the other cluster that is still served to be recent enough.
func unharmed(ctx context.Context, root *rest.Config, there metricsclient.Interface, behind time.Duration) error {
	here, err := metricsclient.NewForConfig(root)
	if err != nil {
		return err
	}
	age, err := oldest(ctx, here, len(home.Fleet.Nodes()))
	if most := resolution + slack + behind; err != nil || age > most {
		return fmt.Errorf("the oldest usage of home's nodes is %s old, want at most %s: %w", age, most, err)
	}
	for _, path := range []string{"/readyz", "/livez"} {
		if status, body, err := cluster.Get(ctx, root, path); status != http.StatusOK {
			return fmt.Errorf("%s returned %d (%w): %.300s", path, status, err, body)
		}
	}
	requested := time.Now()
	list, err := there.MetricsV1().NodeMetricses().List(ctx, metav1.ListOptions{})
	if err != nil && !hasExpired(err) {
		return fmt.Errorf("list the nodes of the cluster that is gone: %w", err)
	}
	for _, n := range list.Items {
		if age := requested.Sub(n.Timestamp.Time); age > maxAge+slack {
			return fmt.Errorf("the usage of %s in the cluster that is gone is %s old", n.Name, age)
		}
	}
	return nil
}

// explained wants a reason in place of usage.
func explained(ctx context.Context, there metricsclient.Interface) error {
	_, err := there.MetricsV1().NodeMetricses().Get(ctx, "node-0001", metav1.GetOptions{})
	if err == nil || !strings.Contains(err.Error(), "refused the connection") {
		return fmt.Errorf("the response for a node that is gone is: %w", err)
	}
	list, err := there.MetricsV1().PodMetricses("").List(ctx, metav1.ListOptions{})
	if !hasExpired(err) {
		return fmt.Errorf("the list of %d pods of the cluster that is gone does not say that all have expired: %w", len(list.Items), err)
	}
	return nil
}

// hasExpired is true of the response for a list whose usage is all too old: an empty one would mean that nothing runs.
func hasExpired(err error) bool {
	return apierrors.IsServiceUnavailable(err) && strings.Contains(err.Error(), "refused the connection")
}

// checkStart wants a server to become ready, to serve home, and to have a message about the other cluster.
func checkStart(t *testing.T, args []string) {
	server := start(t, args...)
	root := asAdmin(t, server, "")
	client := clientOf(t, root)
	poll.Eventually(t, servedWithin, func(ctx context.Context) error { return allServed(ctx, client, home.Fleet) })
	for path, want := range map[string]int{
		"/clusters/gone/readyz":                        http.StatusInternalServerError,
		"/clusters/gone/readyz/first-numbers":          http.StatusInternalServerError,
		"/clusters/gone/apis/metrics.k8s.io/v1/nodes":  http.StatusServiceUnavailable,
		"/clusters/gone/apis/metrics.k8s.io/v1/pods":   http.StatusServiceUnavailable,
		"/clusters/gone/apis/metrics.k8s.io/v1":        http.StatusOK,
		"/clusters/gone/openapi/v3":                    http.StatusOK,
		"/apis/metrics.k8s.io/v1beta1/nodes/node-0001": http.StatusOK,
		"/readyz": http.StatusOK,
	} {
		status, body, err := cluster.Get(t.Context(), root, path)
		if err != nil || status != want {
			t.Errorf("%s returned %d, want %d (%v): %.300s", path, status, want, err, body)
		}
		const why = "nodes and pods are still being listed"
		if says := status == http.StatusServiceUnavailable || strings.HasSuffix(path, "first-numbers"); says && !strings.Contains(body, why) {
			t.Errorf("%s does not say %q: %.300s", path, why, body)
		}
	}
}
