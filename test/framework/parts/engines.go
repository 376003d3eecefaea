package parts

// The engines that Plimsoll writes to and reads from, and promtool, the tool of Prometheus.
const (
	Prometheus      Part = "prometheus"
	Promtool        Part = "promtool"
	InfluxDB        Part = "influxd"
	VictoriaMetrics Part = "victoria-metrics"
	OTelCollector   Part = "otelcol"
	Thanos          Part = "thanos"
)

// Engines are the parts of the tests on real engines, in the order of their builds.
func Engines() []Part {
	return []Part{Prometheus, Promtool, InfluxDB, VictoriaMetrics, OTelCollector, Thanos}
}

const (
	prometheusModule      = "github.com/prometheus/prometheus"
	victoriaMetricsModule = "github.com/VictoriaMetrics/VictoriaMetrics"
	thanosModule          = "github.com/thanos-io/thanos"
	collectorModule       = "go.opentelemetry.io/collector/otelcol"
)

// engineRecipe returns the origin of an engine; found is false for a part that is none.
func engineRecipe(p Part) (r recipe, found bool) {
	switch p {
	case Prometheus, Promtool:
		// Without the discovery of targets in clouds and clusters: the tests write their targets down. The pages of the UI are not embedded either.
		return recipe{folder: "prometheus", module: prometheusModule, main: prometheusModule + "/cmd/" + string(p), tags: "remove_all_sd,grpcnotrace"}, true
	case InfluxDB:
		// Version 1, of which no Go module can be built, is one of Debian's packages.
		return recipe{debian: "influxdb", module: "influxdb"}, true
	case VictoriaMetrics:
		return recipe{folder: "victoriametrics", module: victoriaMetricsModule, main: victoriaMetricsModule + "/app/victoria-metrics"}, true
	case OTelCollector:
		return recipe{folder: "otelcol", module: collectorModule, main: packagePath + "/otelcol", tags: "grpcnotrace"}, true
	case Thanos:
		// Its code needs the labels of Prometheus to be slices, as its own Makefile has them.
		return recipe{folder: "thanos", module: thanosModule, main: thanosModule + "/cmd/thanos", tags: "slicelabels,grpcnotrace"}, true
	}
	return recipe{}, false
}
