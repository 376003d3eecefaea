package sinkcost

import (
	"context"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/engines"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/process"
)

const (
	resolution = 15 * time.Second
	// settling is how long a server runs before it is measured, and measured for how long: each object of the influxdb sink is written once in that time.
	settling = 3 * resolution
	measured = 4 * resolution
)

// way is a server that is compared with one that scrapes the kubelets and has no sink.
type way struct {
	name string
	// args starts what the server needs for the time of the benchmark, and returns the server's flags.
	args func(b *testing.B, env *cluster.Cluster) []string
}

func ways() []way {
	return []way{
		{"nothing", func(*testing.B, *cluster.Cluster) []string { return nil }},
		{"log", func(*testing.B, *cluster.Cluster) []string { return []string{"--sink=log"} }},
		{"influxdb", func(b *testing.B, _ *cluster.Cluster) []string {
			return []string{"--sink=influxdb:" + engines.Started(b, engines.InfluxDB{Dir: b.TempDir()}.Start).URL}
		}},
		{"influxdb-without-summary", func(b *testing.B, _ *cluster.Cluster) []string {
			return []string{"--sink=influxdb:" + engines.Started(b, engines.InfluxDB{Dir: b.TempDir()}.Start).URL + "?disable_summary_metrics=true"}
		}},
		{"prometheus-1.0", func(b *testing.B, _ *cluster.Cluster) []string {
			return []string{"--sink=prometheus:" + engines.Started(b, engines.Prometheus{Dir: b.TempDir()}.Start).URL + "/api/v1/write"}
		}},
		{"prometheus-2.0", func(b *testing.B, _ *cluster.Cluster) []string {
			return []string{"--sink=prometheus:" + engines.Started(b, engines.Prometheus{Dir: b.TempDir()}.Start).URL + "/api/v1/write?version=2.0"}
		}},
		{"otlp", func(b *testing.B, _ *cluster.Cluster) []string {
			return []string{"--sink=otlp:" + engines.Started(b, engines.VictoriaMetrics{Dir: b.TempDir()}.Start).URL + "/opentelemetry"}
		}},
		{"source-of-an-engine", func(b *testing.B, env *cluster.Cluster) []string {
			return []string{"--source=prometheus:" + scraping(b, env).URL}
		}},
		{"source-of-kubelets-and-an-engine", func(b *testing.B, env *cluster.Cluster) []string {
			return []string{"--source=kubernetes", "--source=prometheus:" + scraping(b, env).URL}
		}},
	}
}

// BenchmarkServer runs two servers on one cluster: one that scrapes the kubelets, all the time, and beside it one after the other with a sink or with another
// source. The figures of both are of the same minute.
func BenchmarkServer(b *testing.B) {
	env := startCluster(b)
	plain := startServer(b, env)
	for _, w := range ways() {
		b.Run(w.name, func(b *testing.B) {
			compare(b, plain, startServer(b, env, w.args(b, env)...))
		})
	}
}

// compare reports the CPU time of both servers in a minute, and what is resident at its end.
func compare(b *testing.B, plain, other *cluster.Server) {
	b.Helper()
	wait(b, settling)
	beforePlain, before := cpuOf(b, plain), cpuOf(b, other)
	wait(b, measured)
	ofPlain, ofOther := cpuOf(b, plain)-beforePlain, cpuOf(b, other)-before
	b.ReportMetric(ofOther.Seconds(), "cpu-s/min")
	b.ReportMetric(ofPlain.Seconds(), "plain-cpu-s/min")
	b.ReportMetric((ofOther-ofPlain).Seconds()/ofPlain.Seconds(), "extra-cpu/scraping")
	b.ReportMetric(residentOf(b, other), "MiB")
	b.ReportMetric(residentOf(b, plain), "plain-MiB")
	b.ReportMetric(0, "ns/op")
}

func cpuOf(b *testing.B, s *cluster.Server) time.Duration {
	b.Helper()
	used, err := process.CPUTime(s.PID())
	if err != nil {
		b.Fatal(err)
	}
	return used
}

func residentOf(b *testing.B, s *cluster.Server) float64 {
	b.Helper()
	held, err := process.MemoryOf(s.PID())
	if err != nil {
		b.Fatal(err)
	}
	return float64(held.Resident) / (1 << 20)
}

func wait(b *testing.B, d time.Duration) {
	b.Helper()
	select {
	case <-time.After(d):
	case <-b.Context().Done():
		b.Fatal(b.Context().Err())
	}
}

// startCluster starts a control plane and a fleet of 1,000 nodes with 30 pods each, unless NODES and PODS say otherwise.
func startCluster(b *testing.B) *cluster.Cluster {
	b.Helper()
	env, err := cluster.Start(b.Context(), cluster.Options{Dir: b.TempDir(), Nodes: size(b, "NODES", 1000), Log: os.Stderr, WithoutServer: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := env.Stop(); err != nil {
			b.Error(err)
		}
	})
	if err := env.Populate(b.Context(), size(b, "PODS", 30)); err != nil {
		b.Fatal(err)
	}
	return env
}

func size(b *testing.B, name string, otherwise int) int {
	b.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatalf("%s: %v", name, err)
	}
	return n
}

// startServer starts a server that scrapes the kubelets of the cluster, unless its flags name sources, for the time of a benchmark.
func startServer(b *testing.B, env *cluster.Cluster, args ...string) *cluster.Server {
	b.Helper()
	s, err := env.StartServer(b.Context(), append(args, "--metric-resolution="+resolution.String())...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Stop(); err != nil {
			b.Error(err)
		}
	})
	return s
}

// scraping starts a Prometheus that scrapes the kubelets of the cluster, and waits until it has two samples of each.
func scraping(b *testing.B, env *cluster.Cluster) *engines.Engine {
	b.Helper()
	scrape := engines.Scrape{Job: "kubelet", Path: fleet.PathResource, Interval: resolution.String(), CA: env.KubeletCA(), Targets: map[string]string{}}
	for i, node := range env.Fleet.Nodes() {
		scrape.Targets[net.JoinHostPort(env.Fleet.Address(i).String(), strconv.Itoa(env.Fleet.Port()))] = node
	}
	e := engines.Started(b, func(ctx context.Context) (*engines.Engine, error) {
		return engines.Prometheus{Dir: b.TempDir(), Scrapes: []engines.Scrape{scrape}}.Start(ctx)
	})
	wait(b, 3*resolution)
	return e
}
