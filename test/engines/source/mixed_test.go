package source

import (
	"context"
	"fmt"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/observe"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// through is how many nodes a server reads from an engine.
const through = `plimsoll_nodes_through_engine{cluster=""}`

// TestKubeletsBeforeAnEngine has a server that cannot reach the kubelets of one half of the nodes, because their port is another: these are served out of the
// engine. The other half is scraped, and the engine is not asked for it.
func TestKubeletsBeforeAnEngine(t *testing.T) {
	need(t)
	halves := divide(t)
	server := serverWith(t, env, append(env.SourceArgs(),
		"--source=kubernetes?nodeSelector="+half+"=a&kubeletPort=1", "--source=kubernetes?nodeSelector="+half+"=b", "--source=prometheus:"+prometheus.URL)...)
	client := clientOf(t, server, "")
	seen := becomeRight(t, client, env.Fleet)
	want := float64(len(halves["a"]))
	poll.Eventually(t, 2*resolution, func(ctx context.Context) error { return reads(ctx, server, want) })
	poll.Throughout(t, 3*resolution, func(ctx context.Context) error {
		if err := reads(ctx, server, want); err != nil {
			return err
		}
		_, err := allRight(ctx, client, env.Fleet)
		return err
	})
	t.Logf("half of the nodes is served out of the engine: %s", seen)
}

// TestNodeMovesFromAnEngineToItsKubelet changes the label by which a node's source selects it: its usage is served throughout, and soon from the other source.
func TestNodeMovesFromAnEngineToItsKubelet(t *testing.T) {
	need(t)
	halves := divide(t)
	server := serverWith(t, env, append(env.SourceArgs(), "--source=prometheus:"+prometheus.URL+"?nodeSelector="+half+"=a", "--source=kubernetes")...)
	client := clientOf(t, server, "")
	becomeRight(t, client, env.Fleet)
	node := halves["a"][0]
	move := func(to string) {
		t.Helper()
		patch := fmt.Appendf(nil, `{"metadata":{"labels":{%q:%q}}}`, half, to)
		if _, err := env.Client.CoreV1().Nodes().Patch(t.Context(), node, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
		poll.Throughout(t, 2*resolution, func(ctx context.Context) error {
			_, err := client.MetricsV1().NodeMetricses().Get(ctx, node, metav1.GetOptions{})
			return err
		})
	}
	for i, to := range []string{"b", "a"} {
		move(to)
		if err := reads(t.Context(), server, float64(len(halves["a"])-1+i)); err != nil {
			t.Errorf("after the label became %s: %v", to, err)
		}
	}
	becomeRight(t, client, env.Fleet)
}

// reads wants a server to read so many nodes from an engine.
func reads(ctx context.Context, server *cluster.Server, want float64) error {
	s, err := observe.OwnMetrics(ctx, server)
	if err != nil {
		return err
	}
	if got := s[through]; got != want {
		return fmt.Errorf("%v nodes are read from the engine, want %v", got, want)
	}
	return nil
}
