package sink

import (
	"time"
)

// Kind is what a sink speaks.
type Kind uint8

const (
	// InfluxDB is the line protocol with Heapster's schema, which VictoriaMetrics and Telegraf accept too.
	InfluxDB Kind = iota
	// OTLP is the OpenTelemetry protocol.
	OTLP
	// RemoteWrite is Prometheus' remote write.
	RemoteWrite
	// Log writes lines to the log.
	Log
	// Metric is nothing: in Heapster it kept in memory what its API served.
	Metric
)

// prefixes are written at the beginning of a sink, by the kind that they select.
var prefixes = [...]string{InfluxDB: "influxdb", OTLP: "otlp", RemoteWrite: "prometheus", Log: "log", Metric: "metric"}

// String returns the prefix that selects the kind.
func (k Kind) String() string { return prefixes[k] }

// Sink is one value of --sink with every default filled in.
type Sink struct {
	Kind Kind
	// Raw is the value as it was written. It may have a secret.
	Raw string
	// Name is the prefix; of the second sink of a kind it ends in -2, and so on. It is the label of metrics.
	Name string
	// Cluster is the name that the home cluster has in what is written; empty where it has none.
	Cluster string
	// QueueBytes bounds what waits to be delivered, Timeout one try to deliver, and Concurrency is how many are delivered at a time.
	QueueBytes  int
	Timeout     time.Duration
	Concurrency int
	// Endpoint is how the system is reached; the zero value for Log.
	Endpoint Endpoint
	// Options of one kind.
	InfluxDB    InfluxDBOptions
	OTLP        OTLPOptions
	RemoteWrite RemoteWriteOptions
	// LinesPerMinute is how many lines Log writes.
	LinesPerMinute int
	// Notes are sentences for the log, without the sink's name.
	Notes []string
}

// String returns the value as it was written, quoted, without secrets.
func (s Sink) String() string { return language.Quote(s.Raw) }

// Redacted returns the value as it was written, without secrets.
func (s Sink) Redacted() string { return Redact(s.Raw) }

// Redact returns a value of --sink without secrets; it need not be valid.
func Redact(value string) string { return language.Redact(value) }

// Endpoint is where a sink's requests go, and as whom. Files are read again when they change.
type Endpoint struct {
	// URL has the scheme http or https.
	URL string
	// User is that of basic authentication, with Password or the content of PasswordFile; empty for none.
	User, Password, PasswordFile string
	// Token, or the content of TokenFile, is sent as a bearer token, or as the system behind the sink expects it.
	Token, TokenFile string
	// CAFile has the authorities that sign the server's certificate; empty for those of the system. CertFile and KeyFile are the client's certificate.
	CAFile, CertFile, KeyFile string
	// Insecure accepts any certificate of the server.
	Insecure bool
	// Headers are sent with each request.
	Headers map[string]string
}

// InfluxDBOptions are what only InfluxDB has.
type InfluxDBOptions struct {
	// Database is that of InfluxDB 1; empty where Bucket is given, which is the bucket of InfluxDB 2 or the database of InfluxDB 3.
	Database, Bucket, Organization string
	// Retention is how long a database that the sink creates keeps data; 0 for ever.
	Retention time.Duration
	// Interval is how often an object is written, at most; 0 writes every sample.
	Interval time.Duration
	// WithFields writes several fields to one measurement, and DisableCounterMetrics leaves out counters of which there is a rate: as in Heapster.
	WithFields, DisableCounterMetrics bool
	// DisableSummaryMetrics leaves out what only the full summary of a kubelet has.
	DisableSummaryMetrics bool
}

// OTLPOptions are what only OTLP has.
type OTLPOptions struct {
	// GRPC is true for OTLP/gRPC, false for OTLP/HTTP, whose URL has the path of metrics.
	GRPC bool
	// Gzip compresses what is sent.
	Gzip bool
	// Attributes are added to each resource.
	Attributes map[string]string
}

// RemoteWriteOptions are what only RemoteWrite has.
type RemoteWriteOptions struct {
	// Version2 writes by version 2.0 of the protocol, and by 1.0 where the receiver does not know that.
	Version2 bool
	// Labels are added to each series.
	Labels map[string]string
}
