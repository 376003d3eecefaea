package sources

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
	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// way is how a source scrapes: the endpoint, and whether at the read-only port.
type way struct {
	path  string
	plain bool
}

// pools are the values of the label pool that sources select, and how each scrapes.
var pools = map[string]way{
	"secure":  {fleet.PathResource, false},
	"summary": {fleet.PathSummary, false},
	"plain":   {fleet.PathResource, true},
}

// TestSeveralSourcesOfOneCluster has each node scraped by the source that selects it, and by no other.
func TestSeveralSourcesOfOneCluster(t *testing.T) {
	members := map[string][]string{}
	for i, node := range home.Fleet.Nodes() {
		pool := []string{"secure", "summary", "plain", ""}[i%4]
		members[pool] = append(members[pool], node)
		label(t, home, node, pool)
		t.Cleanup(func() { label(t, home, node, "") })
	}
	server := start(t, append(ofHome(),
		"--source=kubernetes?nodeSelector=pool=secure",
		"--source=kubernetes.summary_api?nodeSelector=pool%3Dsummary",
		"--source=kubernetes?nodeSelector=pool+in+(plain)&kubeletHttps=false")...)
	client := clientOf(t, asAdmin(t, server, ""))
	taken := len(home.Fleet.Nodes()) - len(members[""])
	poll.Eventually(t, servedWithin, func(ctx context.Context) error {
		a, err := readV1(ctx, client)
		if err != nil {
			return err
		}
		if len(a.nodes) != taken || len(a.pods) != taken {
			return fmt.Errorf("%d nodes and %d pods are served, want %d", len(a.nodes), len(a.pods), taken)
		}
		return a.areTrue(home.Fleet)
	})
	ways := map[string]way{}
	for pool, w := range pools {
		for _, node := range members[pool] {
			ways[node] = w
		}
	}
	t.Run("each is scraped as its source says", func(t *testing.T) { scrapedOnly(t, ways) })
	t.Run("others are not known", func(t *testing.T) {
		for _, node := range members[""] {
			if err := unknown(t.Context(), client, node); err != nil {
				t.Error(err)
			}
		}
	})
	node := members["secure"][0]
	for _, pool := range []string{"summary", "plain", "secure"} {
		t.Run("a node moves to "+pool, func(t *testing.T) { moves(t, client, node, pool) })
	}
	t.Run("a node leaves", func(t *testing.T) {
		label(t, home, node, "")
		poll.Eventually(t, 30*time.Second, func(ctx context.Context) error { return unknown(ctx, client, node) })
		delete(ways, node)
		scrapedOnly(t, ways)
	})
}

// label puts a node into a pool; into none by an empty name.
func label(t *testing.T, b *cluster.Cluster, node, pool string) {
	value := fmt.Sprintf("%q", pool)
	if pool == "" {
		value = "null"
	}
	patch := fmt.Appendf(nil, `{"metadata":{"labels":{"pool":%s}}}`, value)
	// The context of a test is done when its cleanup runs.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 30*time.Second)
	defer cancel()
	if _, err := b.Client.CoreV1().Nodes().Patch(ctx, node, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		t.Error(err)
	}
}

// scrapedOnly resets the counts, and wants some scrapes of each of these nodes, all of them in its way, and none of other nodes.
func scrapedOnly(t *testing.T, ways map[string]way) {
	home.Fleet.ResetTraffic()
	poll.Eventually(t, time.Minute, func(context.Context) error {
		for node, w := range ways {
			if err := scraped(node, w, 2); err != nil {
				return err
			}
		}
		return nil
	})
	for _, node := range home.Fleet.Nodes() {
		w, selected := ways[node]
		if err := only(node, w); err != nil && selected {
			t.Error(err)
		}
		if got := total(home.Fleet.Traffic(node)); got > 0 && !selected {
			t.Errorf("%s, which no source selects, received %d requests", node, got)
		}
	}
}

// only wants all requests to a node to be of one way.
func only(node string, w way) error {
	got, plain := home.Fleet.Traffic(node), 0
	if w.plain {
		plain = total(got)
	}
	if got.Requests[w.path] < total(got) || got.Plain != plain {
		return fmt.Errorf("%s received requests for %v, %d times at its read-only port; want %+v alone", node, got.Requests, got.Plain, w)
	}
	return nil
}

// scraped wants a node to have been scraped in a way, at least so many times.
func scraped(node string, w way, least int) error {
	got := home.Fleet.Traffic(node)
	if got.Requests[w.path] < least || w.plain && got.Plain < least {
		return fmt.Errorf("%s received requests for %v, %d times at its read-only port; want %+v", node, got.Requests, got.Plain, w)
	}
	return nil
}

func total(t fleet.Traffic) (n int) {
	for _, requests := range t.Requests {
		n += requests
	}
	return n
}

func unknown(ctx context.Context, client metricsclient.Interface, node string) error {
	if _, err := client.MetricsV1().NodeMetricses().Get(ctx, node, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		return fmt.Errorf("a request for %s, which no source selects, gives %w", node, err)
	}
	return nil
}

// moves relabels a node, and wants the other source to scrape it while its usage stays.
func moves(t *testing.T, client metricsclient.Interface, node, pool string) {
	home.Fleet.ResetTraffic()
	label(t, home, node, pool)
	var missing time.Time
	watch := func(check func() error) {
		poll.Eventually(t, time.Minute, func(ctx context.Context) error {
			switch _, err := client.MetricsV1().NodeMetricses().Get(ctx, node, metav1.GetOptions{}); {
			case err == nil:
				missing = time.Time{}
			case missing.IsZero():
				missing = time.Now()
			case time.Since(missing) > resolution:
				t.Fatalf("%s has been lost for longer than a resolution: %v", node, err)
			}
			return check()
		})
	}
	watch(func() error { return scraped(node, pools[pool], 1) })
	home.Fleet.ResetTraffic()
	watch(func() error { return scraped(node, pools[pool], 2) })
	if err := only(node, pools[pool]); err != nil {
		t.Error(err)
	}
	poll.Eventually(t, time.Minute, func(ctx context.Context) error { return youngAndTrue(ctx, client, node) })
}

// youngAndTrue checks the usage of a node.
func youngAndTrue(ctx context.Context, client metricsclient.Interface, node string) error {
	requested := time.Now()
	n, err := client.MetricsV1().NodeMetricses().Get(ctx, node, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if age := requested.Sub(n.Timestamp.Time); age > resolution+slack {
		return fmt.Errorf("the usage of %s is %s old", node, age)
	}
	cores, bytes, _ := home.Fleet.NodeTruth(node)
	return near(n.Usage, cores, bytes)
}
