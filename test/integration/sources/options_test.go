package sources

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	sourcelanguage "github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// slow selects a node of west whose kubelet takes a second for a response.
const slow = "kubernetes.io/hostname=node-0006"

// TestEveryOptionHasAnEffect is where a new option of sources that scrape kubelets has to be added. What an engine receives by its options is in
// TestEngineRequests of the command, and what comes of them in test/engines/source.
func TestEveryOptionHasAnEffect(t *testing.T) {
	var got []string
	want := sourcelanguage.Resource.OptionNames()
	for _, e := range effects {
		for option := range strings.FieldsSeq(e.options) {
			got = append(got, option)
			if !strings.Contains(e.line+"&cluster=", option+"=") {
				t.Errorf("%s does not show %s", e.line, option)
			}
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
		t.Errorf("options of the language that have a test of their effect (-want +got):\n%s", diff)
	}
}

// TestOptions shows the effects in one server, which reads each source as a cluster of its own.
func TestOptions(t *testing.T) {
	t.Parallel()
	if err := west.Fleet.SetFault("node-0006", fleet.Slow(time.Second)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = west.Fleet.ClearFault("node-0006") })
	checkEffects(t, false, start)
}

// TestOptionsInAPod does the same with the mounts of a pod.
func TestOptionsInAPod(t *testing.T) {
	t.Parallel()
	checkEffects(t, true, startInPod)
}

func checkEffects(t *testing.T, inPod bool, start func(*testing.T, ...string) *cluster.Server) {
	replacer := placeholders(t)
	byCluster, args := map[string]effect{}, []string{}
	for i, e := range effects {
		if e.inPod != inPod {
			continue
		}
		cluster, line := "one-of-many", replacer.Replace(e.line)
		if !strings.Contains(line, "cluster=") {
			cluster = "effect-" + strconv.Itoa(i)
			line += "&cluster=" + cluster
		}
		byCluster[cluster], args = e, append(args, "--source="+line)
	}
	server := start(t, args...)
	log, err := os.ReadFile(server.Log())
	if err != nil {
		t.Fatal(err)
	}
	for cluster, e := range byCluster {
		t.Run(e.line, func(t *testing.T) {
			poll.Eventually(t, servedWithin, func(ctx context.Context) error { return hasEffect(ctx, t, server, cluster, e) })
			if !noted(string(log), cluster, e.note) {
				t.Errorf("the log does not note %q:\n%s", e.note, log)
			}
		})
	}
}

// hasEffect wants the nodes of a cluster, with the metrics of the newest scrapes, or the reason why there are none.
func hasEffect(ctx context.Context, t *testing.T, server *cluster.Server, name string, e effect) error {
	if e.nodes > 0 {
		return fresh(ctx, clientOf(t, asAdmin(t, server, name)), e.nodes, 2*resolution+slack)
	}
	status, body, err := cluster.Get(ctx, asAdmin(t, server, name), "/readyz/first-numbers")
	if err != nil {
		return err
	}
	if status != http.StatusInternalServerError || !strings.Contains(body, e.why) {
		return fmt.Errorf("%d does not say %q: %s", status, e.why, body)
	}
	return nil
}

// noted searches the log for a note about the source of a cluster.
func noted(log, cluster, note string) bool {
	for line := range strings.Lines(log) {
		if strings.Contains(line, "cluster="+cluster+`"`) && strings.Contains(line, note) {
			return true
		}
	}
	return note == ""
}

// placeholders puts real addresses, files and ports in the place of those of effects.
func placeholders(t *testing.T) *strings.Replacer {
	proxy, stop, err := west.Proxy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stop() }) // It had nothing to do any more.
	cert, key := clientFiles(t, west)
	pairs := []string{"{west.proxy}", proxy, "{west.cert}", cert, "{west.key}", key, "{home.stranger}", stranger(t)}
	for name, b := range map[string]*cluster.Cluster{"home": home, "west": west} {
		pairs = append(pairs, "{"+name+"}", b.AdminConfig().Host, "{"+name+".kubeconfig}", b.Kubeconfig(),
			"{"+name+".ca}", b.KubeletCA(), "{"+name+".port}", strconv.Itoa(b.Fleet.Port()))
	}
	return strings.NewReplacer(pairs...)
}

// clientFiles are a certificate that a cluster's kubelets accept, and its key.
func clientFiles(t *testing.T, b *cluster.Cluster) (certFile, keyFile string) {
	cert, key, err := b.ClientCert("scraper")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "client.crt"), filepath.Join(dir, "client.key")
	for file, content := range map[string][]byte{certFile: cert, keyFile: key} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

// stranger is home's kubeconfig with west's authority, which did not sign the API server's certificate.
func stranger(t *testing.T) string {
	config, err := clientcmd.LoadFromFile(home.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range config.Clusters {
		c.CertificateAuthorityData = west.CABundle()
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestResolution counts how often the usage of one node changes under two resolutions.
func TestResolution(t *testing.T) {
	t.Parallel()
	const one = "&nodeSelector=kubernetes.io/hostname=node-0001"
	server := start(t, source(home, "often")+one+"&resolution=5s", source(home, "seldom")+one+"&resolution=30m")
	often, seldom := clientOf(t, asAdmin(t, server, "often")), clientOf(t, asAdmin(t, server, "seldom"))
	seen := map[metricsclient.Interface]map[time.Time]bool{often: {}, seldom: {}}
	poll.Eventually(t, servedWithin, func(ctx context.Context) error {
		for client, times := range seen {
			n, err := client.MetricsV1().NodeMetricses().Get(ctx, "node-0001", metav1.GetOptions{})
			if err != nil {
				return err
			}
			times[n.Timestamp.Time] = true
		}
		if len(seen[often]) < 6 {
			return fmt.Errorf("the usage has changed %d times with the short resolution", len(seen[often]))
		}
		return nil
	})
	// The first two scrapes follow each other in seconds, and a regular scrape may happen to be due.
	if got := len(seen[seldom]); got > 3 {
		t.Errorf("the usage has changed %d times with the long resolution", got)
	}
}
