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

// sinks are the ways with a sink, each with an engine of its own.
func sinks() []way {
	influxDB := func(b *testing.B) string { return engines.Started(b, engines.InfluxDB{Dir: b.TempDir()}.Start).URL }
	prometheus := func(b *testing.B) string {
		return engines.Started(b, engines.Prometheus{Dir: b.TempDir()}.Start).URL + "/api/v1/write"
	}
	victoriaMetrics := func(b *testing.B) string {
		return engines.Started(b, engines.VictoriaMetrics{Dir: b.TempDir()}.Start).URL
	}
	of := func(to func(b *testing.B) string, prefix, rest string) func(*testing.B, *cluster.Cluster) []string {
		return func(b *testing.B, env *cluster.Cluster) []string {
			return append(env.SourceArgs(), "--sink="+prefix+to(b)+rest)
		}
	}
	return []way{
		{"log", of(func(*testing.B) string { return "" }, "log", "")},
		{"influxdb", of(influxDB, "influxdb:", "")},
		{"influxdb-without-summary", of(influxDB, "influxdb:", "?disable_summary_metrics=true")},
		{"prometheus-1.0", of(prometheus, "prometheus:", "")},
		{"prometheus-2.0", of(prometheus, "prometheus:", "?version=2.0")},
		{"otlp", of(victoriaMetrics, "otlp:", "/opentelemetry")},
	}
}

// sources are the ways with an engine as a source, alone and behind the kubelets.
func sources() []way {
	address := ""
	engine := func(b *testing.B, env *cluster.Cluster) string {
		if address == "" {
			address = scraping(b, env)
		}
		return "--source=prometheus:" + address
	}
	return []way{
		{"engine", func(b *testing.B, env *cluster.Cluster) []string {
			return []string{"--kubeconfig=" + env.Kubeconfig(), engine(b, env)}
		}},
		{"kubelets-and-engine", func(b *testing.B, env *cluster.Cluster) []string {
			return append(env.SourceArgs(), "--source=kubernetes", engine(b, env))
		}},
	}
}

// BenchmarkServer runs several servers on one cluster at the same time: one that scrapes the kubelets, and others with a sink or with another source. The
// figures of all are of the same minute. What the servers that scrape have in common, such as the wakes of a busy machine, is in all of them.
func BenchmarkServer(b *testing.B) {
	env := startCluster(b)
	plain := startServer(b, env, env.SourceArgs()...)
	for _, group := range []struct {
		name string
		ways []way
	}{{"sink", sinks()}, {"source", sources()}} {
		b.Run(group.name, func(b *testing.B) {
			servers := []*cluster.Server{plain}
			for _, w := range group.ways {
				servers = append(servers, startServer(b, env, w.args(b, env)...))
			}
			wait(b, settling)
			before := cpuOf(b, servers)
			wait(b, measured)
			spent, resident := cpuOf(b, servers), residentOf(b, servers)
			for i := range spent {
				spent[i] -= before[i]
			}
			for i, w := range group.ways {
				report(b, w.name, spent[i+1], spent[0], resident[i+1], resident[0])
			}
		})
	}
}

// report reports the CPU time of a server and of the plain one in the same time, in seconds, and what is resident at its end, in MiB.
func report(b *testing.B, name string, cpu, plainCPU, resident, plainResident float64) {
	b.Run(name, func(b *testing.B) {
		b.ReportMetric(cpu, "cpu-s/min")
		b.ReportMetric(plainCPU, "plain-cpu-s/min")
		b.ReportMetric((cpu-plainCPU)/plainCPU, "extra-cpu/scraping")
		b.ReportMetric(resident, "MiB")
		b.ReportMetric(plainResident, "plain-MiB")
		b.ReportMetric(0, "ns/op")
	})
}

// cpuOf is the CPU time that each of the servers has used, in seconds.
func cpuOf(b *testing.B, servers []*cluster.Server) (seconds []float64) {
	b.Helper()
	for _, s := range servers {
		used, err := process.CPUTime(s.PID())
		if err != nil {
			b.Fatal(err)
		}
		seconds = append(seconds, used.Seconds())
	}
	return seconds
}

// residentOf is what is resident of each of the servers, in MiB.
func residentOf(b *testing.B, servers []*cluster.Server) (resident []float64) {
	b.Helper()
	for _, s := range servers {
		held, err := process.MemoryOf(s.PID())
		if err != nil {
			b.Fatal(err)
		}
		resident = append(resident, float64(held.Resident)/(1<<20))
	}
	return resident
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

// startServer starts a server with these flags for the time of a benchmark.
func startServer(b *testing.B, env *cluster.Cluster, args ...string) *cluster.Server {
	b.Helper()
	s, err := env.StartBareServer(b.Context(), append(args, "--metric-resolution="+resolution.String())...)
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

// scraping starts a Prometheus that scrapes the kubelets of the cluster, waits until it has two samples of each, and returns its address.
func scraping(b *testing.B, env *cluster.Cluster) string {
	b.Helper()
	scrape := engines.Scrape{Job: "kubelet", Path: fleet.PathResource, Interval: resolution.String(), CA: env.KubeletCA(), Targets: map[string]string{}}
	for i, node := range env.Fleet.Nodes() {
		scrape.Targets[net.JoinHostPort(env.Fleet.Address(i).String(), strconv.Itoa(env.Fleet.Port()))] = node
	}
	e := engines.Started(b, func(ctx context.Context) (*engines.Engine, error) {
		return engines.Prometheus{Dir: b.TempDir(), Scrapes: []engines.Scrape{scrape}}.Start(ctx)
	})
	wait(b, 2*resolution)
	return e.URL
}
