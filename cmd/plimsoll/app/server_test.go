package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/testutil"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
	"github.com/plimsoll/plimsoll/pkg/source"
)

const kubeconfig = `apiVersion: v1
kind: Config
current-context: c
contexts: [{name: c, context: {cluster: c}}]
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
`

// TestEachClusterHasAStack, of which only the home cluster's decides whether the process is ready.
func TestEachClusterHasAStack(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(file, []byte(kubeconfig), 0o600); err != nil {
		t.Fatal(err)
	}
	of := func(cluster string) string { return "kubernetes?auth=" + file + "&cluster=" + cluster }
	tests := []struct {
		name       string
		sources    []string
		home       bool
		clusters   []string
		background []string
		ready      int
	}{
		{"home", []string{"kubernetes?auth=" + file}, true, nil, []string{"cluster", "collector", "store", "failing-nodes"}, 1},
		{"another", []string{of("west")}, false, []string{"west"}, []string{"cluster-west", "collector-west", "store-west", "failing-nodes-west"}, 0},
		{"both, and two sources of one", []string{of("west") + "&nodeSelector=a", "kubernetes?auth=" + file, of("west")}, true, []string{"west"},
			[]string{"cluster-west", "collector-west", "store-west", "failing-nodes-west", "cluster", "collector", "store", "failing-nodes"}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sources, err := source.ParseAll(tt.sources, source.Defaults{Kubelet: source.Kubelet{HTTPS: true, Port: 10250, RequestTimeout: 1e9}, Resolution: 1e10}, os.LookupEnv)
			if err != nil {
				t.Fatal(err)
			}
			gathered := metrics.NewKubeRegistry()
			extra, err := newExtra(&options.Config{Sources: sources}, metricsRegistry{gathered.Register, gathered.CustomRegister})
			if err != nil {
				t.Fatal(err)
			}
			var clusters, background []string
			for _, c := range extra.Clusters {
				clusters = append(clusters, c.Name)
				if len(c.ReadyChecks) != 1 {
					t.Errorf("cluster %s has %d checks", c.Name, len(c.ReadyChecks))
				}
				for _, b := range c.Background {
					background = append(background, b.Name)
				}
			}
			for _, b := range extra.Background {
				background = append(background, b.Name)
			}
			if diff := cmp.Diff(tt.clusters, clusters); diff != "" {
				t.Errorf("clusters (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.background, background); diff != "" {
				t.Errorf("background (-want +got):\n%s", diff)
			}
			if (extra.Home != nil) != tt.home || len(extra.ReadyChecks) != tt.ready {
				t.Errorf("home %v, %d checks", extra.Home, len(extra.ReadyChecks))
			}
			checkNodesMetric(t, gathered, tt.home, tt.clusters)
		})
	}
}

func checkNodesMetric(t *testing.T, registry metrics.KubeRegistry, home bool, clusters []string) {
	t.Helper()
	want := "# HELP plimsoll_nodes_through_summary [ALPHA] Nodes that are read through /stats/summary because the endpoint of their source has no containers.\n" +
		"# TYPE plimsoll_nodes_through_summary gauge\n"
	if home {
		clusters = append([]string{""}, clusters...)
	}
	for _, c := range clusters {
		want += `plimsoll_nodes_through_summary{cluster="` + c + `"} 0` + "\n"
	}
	checkMetric(t, registry, "plimsoll_nodes_through_summary", want)
}

func checkMetric(t *testing.T, registry metrics.KubeRegistry, name, want string) {
	t.Helper()
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), name); err != nil {
		t.Error(err)
	}
}

const noPoints = `# HELP metrics_server_storage_points [ALPHA] Nodes and containers that have usage to be served.
# TYPE metrics_server_storage_points gauge
metrics_server_storage_points{type="container"} 0
metrics_server_storage_points{type="node"} 0
`

// TestCompatibilityMetrics has the metrics of metrics-server only where they are wanted, and only of the home cluster.
func TestCompatibilityMetrics(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(file, []byte(kubeconfig), 0o600); err != nil {
		t.Fatal(err)
	}
	all := []string{
		"metrics_server_api_metric_freshness_seconds", "metrics_server_kubelet_request_total",
		"metrics_server_manager_tick_duration_seconds", "metrics_server_storage_points",
	}
	for _, tt := range []struct {
		name    string
		sources []string
		on      bool
		want    []string
	}{
		{"on", []string{"kubernetes?auth=" + file}, true, all},
		{"on, with another cluster", []string{"kubernetes?auth=" + file, "kubernetes?cluster=west&auth=" + file}, true, all},
		{"on, without the home cluster", []string{"kubernetes?cluster=west&auth=" + file}, true, nil},
		{"off", []string{"kubernetes?auth=" + file}, false, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sources, err := source.ParseAll(tt.sources, source.Defaults{Kubelet: source.Kubelet{HTTPS: true, Port: 10250, RequestTimeout: 1e9}, Resolution: 1e10}, os.LookupEnv)
			if err != nil {
				t.Fatal(err)
			}
			gathered := metrics.NewKubeRegistry()
			if _, err := newExtra(&options.Config{Sources: sources, CompatibilityMetrics: tt.on}, metricsRegistry{gathered.Register, gathered.CustomRegister}); err != nil {
				t.Fatal(err)
			}
			families, err := gathered.Gather()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range families {
				if strings.HasPrefix(f.GetName(), "metrics_server_") {
					got = append(got, f.GetName())
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("metrics (-want +got):\n%s", diff)
			}
			if tt.want != nil {
				checkMetric(t, gathered, "metrics_server_storage_points", noPoints)
			}
		})
	}
}
