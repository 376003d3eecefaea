package sink

const (
	throughCollector = "write otlp:URL to an OpenTelemetry Collector, which has an exporter for it"
	throughTelegraf  = "write influxdb:URL to a Telegraf, which has an output for it"
)

// successors say what takes the place of Heapster's other sinks.
var successors = map[string]string{
	"elasticsearch": throughCollector,
	"gcm":           throughCollector,
	"stackdriver":   throughCollector,
	"kafka":         throughCollector,
	"graphite":      throughTelegraf + ", or influxdb:URL to VictoriaMetrics",
	"opentsdb":      throughTelegraf + ", or influxdb:URL to VictoriaMetrics",
	"statsd":        "write influxdb:URL to VictoriaMetrics or a Telegraf, or otlp:URL to an OpenTelemetry Collector, which keep the times of the values",
	"wavefront":     throughTelegraf,
	"riemann":       throughTelegraf,
	"librato":       throughTelegraf,
	"hawkular":      "it is no longer developed: write prometheus:URL to Prometheus or what speaks its remote write",
	"honeycomb":     "write otlp:https://api.honeycomb.io?headers=x-honeycomb-team=$KEY, with the key in a variable of the environment",
	"gcl":           "it exported events, which Plimsoll does not read",
}
