package sinks

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/engines"
)

// allWays are line protocol, remote write and OTLP into VictoriaMetrics, remote write and OTLP into Prometheus, and OTLP over HTTP and gRPC into OpenTelemetry Collectors.
func allWays(t *testing.T) []way {
	t.Helper()
	victoria := engines.Started(t, engines.VictoriaMetrics{Dir: t.TempDir(), Args: []string{"-search.latencyOffset=0s"}}.Start)
	prometheus := engines.Started(t, engines.Prometheus{Dir: t.TempDir()}.Start)
	start := func(ctx context.Context) (*engines.Collector, error) { return engines.StartCollector(ctx, t.TempDir()) }
	collector, byGRPC := engines.Started(t, start), engines.Started(t, start)
	written := way{
		labels: []string{"namespace", "pod", "container"}, counter: "container_cpu_usage_seconds_total", memory: "container_memory_working_set_bytes", seconds: 1,
	}
	conventions := way{
		labels: []string{"k8s.namespace.name", "k8s.pod.name", "k8s.container.name"},
		rate:   "container.cpu.usage", counter: "container.cpu.time", memory: "container.memory.working_set", cores: 1, seconds: 1,
	}
	translated := way{
		labels: []string{"k8s_namespace_name", "k8s_pod_name", "k8s_container_name"},
		rate:   "container_cpu_usage", counter: "container_cpu_time_seconds_total", memory: "container_memory_working_set_bytes", cores: 1, seconds: 1,
	}
	lines := way{
		labels: []string{"namespace_name", "pod_name", "container_name"},
		rate:   `cpu/usage_rate_value`, counter: `cpu/usage_value`, memory: `memory/working_set_value`, cores: 1e-3, seconds: 1e-9,
	}
	return []way{
		written.into("remote write to Prometheus", "prometheus:"+prometheus.URL+"/api/v1/write", stored(prometheus, `container!=""`)),
		translated.into("OTLP to Prometheus", "otlp:"+prometheus.URL+"/api/v1/otlp/v1/metrics", stored(prometheus, `k8s_container_name!=""`)),
		written.into("remote write to VictoriaMetrics", "prometheus:"+victoria.URL+"/api/v1/write", stored(victoria, `container!=""`)),
		conventions.into("OTLP to VictoriaMetrics", "otlp:"+victoria.URL+"/opentelemetry/v1/metrics", stored(victoria, `"k8s.container.name"!=""`)),
		lines.into("line protocol to VictoriaMetrics", "influxdb:"+victoria.URL+"?interval=0", stored(victoria, `type="pod_container"`)),
		conventions.into("OTLP over HTTP to a Collector", "otlp:"+collector.URL, received(collector)),
		conventions.into("OTLP over gRPC to a Collector", "otlp:grpc://"+byGRPC.GRPC, received(byGRPC)),
	}
}

func (w way) into(name, sink string, read func(context.Context, string, time.Time) ([]engines.Series, error)) way {
	w.name, w.sink, w.read = name, sink, read
	return w
}

// stored reads the samples that an engine has stored of the series with some labels.
func stored(e *engines.Engine, labels string) func(context.Context, string, time.Time) ([]engines.Series, error) {
	return func(ctx context.Context, metric string, since time.Time) ([]engines.Series, error) {
		return e.PromQL(ctx, fmt.Sprintf(`{__name__=%q,%s}[%ds]`, metric, labels, int(time.Since(since).Seconds())+1), nil)
	}
}

// received reads what a collector has received of containers.
func received(c *engines.Collector) func(context.Context, string, time.Time) ([]engines.Series, error) {
	return func(_ context.Context, metric string, _ time.Time) (all []engines.Series, err error) {
		found, err := c.Received(metric)
		for _, s := range found {
			if s.Labels["k8s.container.name"] != "" {
				all = append(all, s)
			}
		}
		return all, err
	}
}
