package engines

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/plimsoll/plimsoll/test/framework/parts"
)

// collectorConfig is the configuration of the OpenTelemetry Collector: the addresses of OTLP over HTTP and gRPC, and a file of all that arrives.
const collectorConfig = `
receivers:
  otlp:
    protocols:
      http: {endpoint: "%[1]s"}
      grpc: {endpoint: "%[2]s"}
exporters:
  debug: {verbosity: detailed, use_internal_logger: false, output_paths: ["%[3]s"]}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    metrics: {receivers: [otlp], exporters: [debug]}
`

// Collector is an OpenTelemetry Collector that writes down all metrics that it receives.
type Collector struct {
	*Engine
	// GRPC is the address of OTLP over gRPC, without a scheme. That of OTLP over HTTP is the URL of the Engine.
	GRPC string
}

// StartCollector starts one with its files in dir, and returns when it is ready.
func StartCollector(ctx context.Context, dir string) (*Collector, error) {
	e, err := program{
		name: "otelcol", part: parts.OTelCollector, dir: dir, ports: 2,
		args: func(dir string, ports []int) ([]string, error) {
			config := filepath.Join(dir, "otelcol.yaml")
			text := fmt.Sprintf(collectorConfig, at(ports[0]), at(ports[1]), received(dir))
			return []string{"--config=file:" + config}, os.WriteFile(config, []byte(text), 0o600)
		},
	}.start(ctx)
	if err != nil {
		return nil, err
	}
	return &Collector{Engine: e, GRPC: at(e.ports[1])}, nil
}

// received is the file of all that arrived.
func received(dir string) string { return filepath.Join(dir, "received.txt") }

// Received are the series of a metric that arrived until now. Labels are the attributes of the resource and of the data point.
func (c *Collector) Received(metric string) ([]Series, error) {
	text, err := os.Open(received(c.Dir))
	if err != nil {
		return nil, fmt.Errorf("read what the collector received: %w", err)
	}
	defer text.Close()
	return readText(text, metric)
}
