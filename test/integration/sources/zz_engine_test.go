package sources

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

func scrapeConfig(t *testing.T, dir string, b *cluster.Cluster, honour bool, extra string) string {
	var targets strings.Builder
	for i, node := range b.Fleet.Nodes() {
		fmt.Fprintf(&targets, "      - targets: ['%s:%d']\n        labels: {node: '%s'}\n", b.Fleet.Address(i), b.Fleet.ReadOnlyPort(), node)
	}
	config := fmt.Sprintf("global: {scrape_interval: 5s%s}\nscrape_configs:\n  - job_name: kubelet\n    metrics_path: /metrics/resource\n    honor_timestamps: %v\n    track_timestamps_staleness: true\n    static_configs:\n%s", extra, honour, targets.String())
	file := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func startEngine(t *testing.T, ready string, name string, args ...string) {
	cmd := exec.CommandContext(t.Context(), "/tmp/wt/engines-bin/"+name, args...)
	log, _ := os.Create("/tmp/wt/engsrc-" + name + ".log")
	cmd.Stderr, cmd.Stdout = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if err := poll.Within(t.Context(), 30*time.Second, func(ctx context.Context) error {
		r, err := http.Get(ready)
		if err != nil {
			return err
		}
		r.Body.Close()
		if r.StatusCode != 200 {
			return fmt.Errorf("%d", r.StatusCode)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func prom(t *testing.T, b *cluster.Cluster, port int, honour bool, extra string, args ...string) string {
	dir := t.TempDir()
	url := fmt.Sprintf("http://127.0.0.1:%d", port)
	startEngine(t, url+"/-/ready", "prometheus", append([]string{"--config.file=" + scrapeConfig(t, dir, b, honour, extra), "--storage.tsdb.path=" + dir + "/data", fmt.Sprintf("--web.listen-address=127.0.0.1:%d", port)}, args...)...)
	return url
}

func try(t *testing.T, log string, b map[string]*cluster.Cluster, args ...string) {
	begin := time.Now()
	server, err := home.StartLiveServer(t.Context(), append(append(everyFlag, "--kubeconfig="+home.Kubeconfig(), "--vmodule=shard=4,log=4"), args...)...)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	defer func() {
		text, _ := os.ReadFile(server.Log())
		_ = os.WriteFile("/tmp/wt/engsrc-server-"+log+".log", text, 0o600)
	}()
	for name, c := range b {
		client := clientOf(t, asAdmin(t, server, name))
		err = poll.Within(t.Context(), 60*time.Second, func(ctx context.Context) error { return allServed(ctx, client, c.Fleet) })
		t.Logf("%s %q served after %v: %v", log, name, time.Since(begin), err)
		if err != nil {
			t.Error(err)
			continue
		}
		bad := 0
		for range 8 {
			time.Sleep(2 * time.Second)
			if err := allServed(t.Context(), client, c.Fleet); err != nil {
				bad++
				t.Log(err)
			}
		}
		t.Logf("%d of 8 reads bad", bad)
	}
}

func TestZZEngine(t *testing.T) {
	one := map[string]*cluster.Cluster{"": home}
	t.Run("fallback", func(t *testing.T) {
		url := prom(t, home, 19391, true, "")
		time.Sleep(15 * time.Second)
		try(t, "fallback", one, "--source=kubernetes?kubeletPort=1", "--source=prometheus:"+url)
	})
	t.Run("vm", func(t *testing.T) {
		dir := t.TempDir()
		startEngine(t, "http://127.0.0.1:19392/health", "victoria-metrics", "-storageDataPath="+dir, "-httpListenAddr=127.0.0.1:19392", "-promscrape.config="+scrapeConfig(t, dir, home, true, ""), "-promscrape.config.strictParse=false")
		time.Sleep(20 * time.Second)
		try(t, "vm", one, "--source=prometheus:http://127.0.0.1:19392")
	})
	t.Run("thanos", func(t *testing.T) {
		a := prom(t, home, 19393, true, ", external_labels: {cluster: home, prometheus_replica: a}", "--storage.tsdb.min-block-duration=2h", "--storage.tsdb.max-block-duration=2h")
		b := prom(t, west, 19394, true, ", external_labels: {cluster: west, prometheus_replica: a}", "--storage.tsdb.min-block-duration=2h", "--storage.tsdb.max-block-duration=2h")
		startEngine(t, "http://127.0.0.1:19402/-/ready", "thanos", "sidecar", "--prometheus.url="+a, "--grpc-address=127.0.0.1:19401", "--http-address=127.0.0.1:19402")
		startEngine(t, "http://127.0.0.1:19404/-/ready", "thanos", "sidecar", "--prometheus.url="+b, "--grpc-address=127.0.0.1:19403", "--http-address=127.0.0.1:19404")
		startEngine(t, "http://127.0.0.1:19405/-/ready", "thanos", "query", "--http-address=127.0.0.1:19405", "--grpc-address=127.0.0.1:19406", "--endpoint=127.0.0.1:19401", "--endpoint=127.0.0.1:19403", "--query.replica-label=prometheus_replica")
		time.Sleep(20 * time.Second)
		try(t, "thanos", map[string]*cluster.Cluster{"": home, "west": west}, `--source=prometheus:http://127.0.0.1:19405?match=cluster="home"`,
			`--source=prometheus:http://127.0.0.1:19405?match=cluster="west"&cluster=west&auth=`+west.Kubeconfig())
	})
	t.Run("housekeeping", func(t *testing.T) {
		for _, n := range home.Fleet.Nodes() {
			if err := home.Fleet.SetReadings(n, fleet.Housekeeping); err != nil {
				t.Fatal(err)
			}
		}
		for i, honour := range []bool{true, false} {
			url := prom(t, home, 19396+i, honour, "")
			time.Sleep(30 * time.Second)
			try(t, fmt.Sprint("housekeeping-", honour), one, "--source=prometheus:"+url)
		}
	})
}
