package sources

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	sourcelanguage "github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/test/docs"
	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// TestExamplesOfTheDocumentation starts a server with each example, and wants it to serve every node that the example is about.
func TestExamplesOfTheDocumentation(t *testing.T) {
	all, err := docs.Examples(docs.Source)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range []*cluster.Cluster{home, west} {
		for _, node := range b.Fleet.Nodes()[:2] {
			label(t, b, node, "edge")
			t.Cleanup(func() { label(t, b, node, "") })
		}
	}
	flags, replacers := flagsOfExamples(t), replacersOfExamples(t)
	var tried [][]string
	var g errgroup.Group
	// Most of a start is waiting.
	g.SetLimit(4)
	for _, e := range all {
		if isOfEngine(e) { // There is no engine here.
			continue
		}
		if e.Mistake != "" || slices.ContainsFunc(tried, func(args []string) bool { return slices.Equal(args, e.Args) }) {
			continue
		}
		tried = append(tried, e.Args)
		for _, variable := range e.Env {
			name, value, _ := strings.Cut(variable, "=")
			t.Setenv(name, value)
		}
		var args []string
		for _, arg := range e.Args {
			args = append(args, replacers[strings.Contains(arg, "cluster=west")].Replace(arg))
		}
		g.Go(func() error {
			if err := runs(t, slices.Concat(flags, args)); err != nil {
				t.Errorf("%s:%d: %q: %v", e.File, e.Line, e.Args, err)
			}
			return nil
		})
	}
	_ = g.Wait() // Each has reported its own error.
	if len(tried) == 0 {
		t.Error("the documentation has no examples")
	}
}

func isOfEngine(e docs.Example) bool {
	return slices.ContainsFunc(e.Args, func(arg string) bool { return strings.HasPrefix(arg, "--source=prometheus:") })
}

// flagsOfExamples are the flags that the examples need.
func flagsOfExamples(t *testing.T) []string {
	return []string{"--kubeconfig=" + home.Kubeconfig(), "--kubelet-certificate-authority=" + authorities(t),
		"--kubelet-use-node-status-port", "--kubelet-preferred-address-types=InternalIP"}
}

// authorities is a file with the authorities of both clusters' kubelets.
func authorities(t *testing.T) string {
	var both []byte
	for _, b := range []*cluster.Cluster{home, west} {
		one, err := os.ReadFile(b.KubeletCA())
		if err != nil {
			t.Fatal(err)
		}
		both = append(both, one...)
	}
	path := filepath.Join(t.TempDir(), "kubelet-ca.crt")
	if err := os.WriteFile(path, both, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// replacersOfExamples put what is here in the place of placeholders, by whether the source is one of west.
func replacersOfExamples(t *testing.T) map[bool]*strings.Replacer {
	replacers := map[bool]*strings.Replacer{}
	for isWest, b := range map[bool]*cluster.Cluster{false: home, true: west} {
		proxy, stop, err := b.Proxy(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = stop() }) // It had nothing to do any more.
		cert, key := clientFiles(t, b)
		replacers[isWest] = strings.NewReplacer("http://ADDRESS:PORT", proxy, "https://ADDRESS", b.AdminConfig().Host,
			"/path/west.kubeconfig", west.Kubeconfig(), "/path/kubeconfig", home.Kubeconfig(), "/path/kubelet-ca.crt", authorities(t),
			"/path/client.crt", cert, "/path/client.key", key)
	}
	return replacers
}

// runs starts a server, and wants it to serve the nodes that its sources select, and no others.
func runs(t *testing.T, args []string) error {
	want, err := taken(t.Context(), args)
	if err != nil {
		return err
	}
	launch := home.StartBareServer
	if slices.ContainsFunc(args, func(arg string) bool { return strings.Contains(arg, "useServiceAccount=true") }) {
		launch = home.StartPodServer
	}
	server, err := launch(t.Context(), args...)
	if errors.Is(err, cluster.ErrNoNamespace) {
		t.Logf("left out: %q: %v", args, err)
		return nil
	}
	if err != nil {
		return err
	}
	for cluster, nodes := range want {
		client := clientOf(t, asAdmin(t, server, cluster))
		err = errors.Join(err, poll.Within(t.Context(), servedWithin, func(ctx context.Context) error { return serves(ctx, client, nodes) }))
	}
	return errors.Join(err, server.Stop())
}

func serves(ctx context.Context, client metricsclient.Interface, nodes []string) error {
	list, err := client.MetricsV1().NodeMetricses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	var got []string
	for _, n := range list.Items {
		got = append(got, n.Name)
	}
	slices.Sort(got)
	if diff := cmp.Diff(nodes, got); diff != "" {
		return fmt.Errorf("nodes (-want +got):\n%s", diff)
	}
	return nil
}

// taken are the names of the nodes that sources select, by cluster.
func taken(ctx context.Context, args []string) (map[string][]string, error) {
	var values []string
	for _, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--source="); ok {
			values = append(values, value)
		}
	}
	sources, err := sourcelanguage.ParseAll(values, sourcelanguage.Defaults{
		Kubelet: sourcelanguage.Kubelet{HTTPS: true}, Kubeconfig: home.Kubeconfig(), Resolution: time.Minute,
	}, os.LookupEnv)
	if err != nil {
		return nil, err
	}
	names := map[string][]string{}
	for _, s := range sources {
		b := map[bool]*cluster.Cluster{true: home, false: west}[s.Cluster == ""]
		nodes, err := b.Client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
		if err != nil {
			return nil, err
		}
		for _, n := range nodes.Items {
			if s.NodeSelector.Matches(labels.Set(n.Labels)) {
				names[s.Cluster] = append(names[s.Cluster], n.Name)
			}
		}
	}
	for cluster, all := range names {
		slices.Sort(all)
		names[cluster] = slices.Compact(all)
	}
	return names, nil
}
