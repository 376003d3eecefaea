package framework

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// usage is the CPU of node-0001 and of the first container of its pod, in millicores.
type usage struct{ Node, Container int64 }

// TestTwoClusters has two clusters at once whose nodes and pods have the same names, and servers in the one for each of them.
func TestTwoClusters(t *testing.T) {
	home := cluster.Options{Name: "home", Annotations: map[string]string{fleet.AnnotationCPU: "20m"}}
	away := cluster.Options{Name: "away", Annotations: map[string]string{fleet.AnnotationCPU: "50m"}, Block: 11, BaseCPU: 0.3, WithoutServer: true}
	clusters := startAll(t, home, away)
	for i, b := range clusters {
		if got, want := b.Fleet.Address(0).String(), []string{"127.10.0.1", "127.11.0.1"}[i]; got != want {
			t.Errorf("the first node of cluster %d is at %s, want %s", i, got, want)
		}
	}
	t.Run("the proxy is the API server without authentication", func(t *testing.T) { checkProxy(t, clusters[1]) })
	t.Run("a server reads the cluster that it is in", func(t *testing.T) {
		if err := clusters[0].WaitServed(t.Context(), 2); err != nil {
			t.Fatal(err)
		}
		checkUsage(t, clusters[0].Server, usage{Node: 100 + 2*20, Container: 20})
	})
	t.Run("a server reads what a pod finds", func(t *testing.T) { checkPodServer(t, clusters[0]) })
	t.Run("a server reads another cluster", func(t *testing.T) {
		server, err := clusters[0].StartBareServer(t.Context(), clusters[1].SourceArgs()...)
		if err != nil {
			t.Fatal(err)
		}
		checkUsage(t, server, usage{Node: 300 + 2*50, Container: 50})
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
}

// checkPodServer has a server find everything by the account that it has mounted, and show kubelets its token.
func checkPodServer(t *testing.T, b *cluster.Cluster) {
	server, err := b.StartPodServer(t.Context(), slices.DeleteFunc(b.SourceArgs(), func(arg string) bool {
		return strings.HasPrefix(arg, "--kubeconfig=")
	})...)
	if errors.Is(err, cluster.ErrNoNamespace) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	checkUsage(t, server, usage{Node: 100 + 2*20, Container: 20})
	if err := server.Stop(); err != nil {
		t.Error(err)
	}
}

// startAll starts clusters at the same time, each with a pod on each of its two nodes and read-only ports at the kubelets' usual number.
func startAll(t *testing.T, options ...cluster.Options) []*cluster.Cluster {
	clusters := make([]*cluster.Cluster, len(options))
	var g errgroup.Group
	for i, o := range options {
		o.Dir, o.Log = t.TempDir(), t.Output()
		o.Nodes, o.ReadOnly, o.ReadOnlyPort, o.Authenticate = 2, true, 10255, true
		g.Go(func() (err error) {
			if clusters[i], err = cluster.Start(t.Context(), o); err != nil {
				return err
			}
			return clusters[i].Populate(t.Context(), 1)
		})
	}
	err := g.Wait()
	t.Cleanup(func() {
		for _, b := range clusters {
			if b == nil {
				continue
			}
			if err := b.Stop(); err != nil {
				t.Error(err)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return clusters
}

func checkUsage(t *testing.T, server *cluster.Server, want usage) {
	config, err := server.ConfigFor("reader", "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	client := metricsclient.NewForConfigOrDie(config)
	var got usage
	// A server is ready with its first usage, not with all of it.
	err = wait.PollUntilContextTimeout(t.Context(), 200*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		got, err = read(ctx, client)
		return err == nil && cmp.Equal(want, got, cmp.Comparer(near)), nil
	})
	if err != nil {
		t.Errorf("%v: got %+v, want %+v", err, got, want)
	}
}

func read(ctx context.Context, client metricsclient.Interface) (usage, error) {
	node, err := client.MetricsV1().NodeMetricses().Get(ctx, "node-0001", metav1.GetOptions{})
	if err != nil {
		return usage{}, err
	}
	pod, err := client.MetricsV1().PodMetricses("team-0").Get(ctx, "node-0001-000", metav1.GetOptions{})
	if err != nil {
		return usage{}, err
	}
	return usage{node.Usage.Cpu().MilliValue(), pod.Containers[0].Usage.Cpu().MilliValue()}, nil
}

// near allows for the rounding of a rate up to the next unit.
func near(a, b int64) bool { return a-b <= 1 && b-a <= 1 }

func checkProxy(t *testing.T, b *cluster.Cluster) {
	url, stop, err := b.Proxy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	proxy := &rest.Config{Host: url}
	body, err := cluster.Fetch(t.Context(), proxy, "/api/v1/nodes")
	if err != nil {
		t.Fatal(err)
	}
	var list corev1.NodeList
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list.Items) != 2 {
		t.Fatalf("got %d nodes: %v", len(list.Items), err)
	}
	node := list.Items[0]
	if address := node.Status.Addresses[0].Address; !strings.HasPrefix(address, "127.11.") {
		t.Errorf("the node is at %q", address)
	}
	if port := int(node.Status.DaemonEndpoints.KubeletEndpoint.Port); port != b.Fleet.Port() {
		t.Errorf("the node names port %d, want %d", port, b.Fleet.Port())
	}
	if status, _, err := cluster.Get(t.Context(), proxy, "/api/v1/secrets"); err != nil || status != http.StatusForbidden {
		t.Errorf("the proxy has other rights than plimsoll: requesting secrets gives %d, %v", status, err)
	}
	for range 2 {
		if err := stop(); err != nil {
			t.Error(err)
		}
	}
	if _, err := cluster.Fetch(t.Context(), proxy, "/version"); err == nil {
		t.Error("the proxy serves after it was stopped")
	}
}
