package source

import (
	"context"
	"fmt"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/engines"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// half is the label that divides the nodes.
const half = "half"

// TestSplitFleet divides the nodes between two servers that scrape them and write to one VictoriaMetrics, out of which a third one serves all. Then one of the two
// is killed: the usage of its half ends with the cause, and that of the other half goes on.
func TestSplitFleet(t *testing.T) {
	victoria := engines.Started(t, engines.VictoriaMetrics{Dir: t.TempDir()}.Start)
	halves := divide(t)
	scrapers := map[string]*cluster.Server{}
	for name := range halves {
		scrapers[name] = serverWith(t, env, append(env.SourceArgs(), "--source=kubernetes?nodeSelector="+half+"="+name, "--sink=prometheus:"+victoria.URL+"/api/v1/write")...)
	}
	client := clientOf(t, serverWith(t, env, reading(env, "--source=prometheus:"+victoria.URL)...), "")
	seen := becomeRight(t, client, env.Fleet)
	poll.Throughout(t, 3*resolution, func(ctx context.Context) error {
		_, err := allRight(ctx, client, env.Fleet)
		return err
	})
	t.Logf("two servers write, one reads: %s", seen)
	killed, lives := halves["a"], halves["b"]
	if err := scrapers["a"].Kill(); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	var message string
	poll.Eventually(t, maxAge+4*resolution, func(ctx context.Context) (err error) {
		if err := fresh(ctx, client, lives); err != nil {
			t.Fatalf("the half whose server lives: %v", err)
		}
		message, err = goneAll(ctx, client, killed)
		return err
	})
	t.Logf("the half of the killed server is served for %.1f s, the other half throughout. Then: %s", time.Since(begin).Seconds(), message)
}

// divide labels every other node with a, and the others with b, for the time of a test, and returns their names.
func divide(t *testing.T) map[string][]string {
	t.Helper()
	halves := map[string][]string{}
	label := func(ctx context.Context, node, value string) error {
		patch := fmt.Sprintf(`{"metadata":{"labels":{%q:%s}}}`, half, value)
		_, err := env.Client.CoreV1().Nodes().Patch(ctx, node, types.MergePatchType, []byte(patch), metav1.PatchOptions{})
		return err
	}
	for i, node := range env.Fleet.Nodes() {
		name := []string{"a", "b"}[i%2]
		if err := label(t.Context(), node, `"`+name+`"`); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := label(context.WithoutCancel(t.Context()), node, "null"); err != nil {
				t.Error(err)
			}
		})
		halves[name] = append(halves[name], node)
	}
	return halves
}

// fresh wants the usage of nodes to be no older than usage may be: it waits for a scrape, for the engine to show it, and for a query.
func fresh(ctx context.Context, client metricsclient.Interface, nodes []string) error {
	for _, name := range nodes {
		n, err := client.MetricsV1().NodeMetricses().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if age := time.Since(n.Timestamp.Time); age > maxAge {
			return fmt.Errorf("the usage of %s is %s old", name, age)
		}
	}
	return nil
}

// goneAll wants none of the nodes to be served, and returns the message about the last one.
func goneAll(ctx context.Context, client metricsclient.Interface, nodes []string) (message string, err error) {
	for _, name := range nodes {
		n, err := client.MetricsV1().NodeMetricses().Get(ctx, name, metav1.GetOptions{})
		if !apierrors.IsNotFound(err) {
			return "", fmt.Errorf("%s is served, of %s: %w", name, n.Timestamp, err)
		}
		message = err.Error()
	}
	return message, nil
}
