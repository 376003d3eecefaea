package app

import (
	"fmt"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/sink"
	"github.com/plimsoll/plimsoll/pkg/sink/endpoint"
	"github.com/plimsoll/plimsoll/pkg/sink/influxdb"
	"github.com/plimsoll/plimsoll/pkg/sink/otlp"
	"github.com/plimsoll/plimsoll/pkg/sink/remotewrite"
	"github.com/plimsoll/plimsoll/pkg/sink/text"
)

// statusPath is where the status of sinks is served.
const statusPath = "/debug/sinks"

// newSinks makes what encodes and sends for each sink. It connects to nothing.
func newSinks(sinks []sink.Sink) (made []export.Sink, err error) {
	for _, s := range sinks {
		if s.Kind == sink.Metric {
			continue
		}
		w, err := newWriter(s)
		if err != nil {
			return nil, fmt.Errorf("sink %v: %w", s, err)
		}
		made = append(made, export.Sink{
			Name: s.Name, Text: s.Redacted(), Encoder: w, Sender: w, Needs: w.Needs(),
			QueueBytes: s.QueueBytes, Timeout: s.Timeout, Concurrency: s.Concurrency,
		})
	}
	return made, nil
}

// writer is what each package below pkg/sink makes.
type writer interface {
	export.Encoder
	export.Sender
	Needs() export.Needs
}

func newWriter(s sink.Sink) (writer, error) {
	switch s.Kind {
	case sink.InfluxDB:
		o := s.InfluxDB
		return influxdb.New(influxdb.Config{
			Endpoint: endpointConfig(s), Database: o.Database, Retention: o.Retention, Bucket: o.Bucket, Organization: o.Organization,
			Cluster: s.Cluster, Interval: o.Interval, WithFields: o.WithFields, DisableCounterMetrics: o.DisableCounterMetrics,
			DisableSummaryMetrics: o.DisableSummaryMetrics,
		})
	case sink.OTLP:
		o := s.OTLP
		return otlp.New(otlp.Config{Endpoint: endpointConfig(s), GRPC: o.GRPC, Gzip: o.Gzip, Cluster: s.Cluster, Attributes: o.Attributes})
	case sink.RemoteWrite:
		o := s.RemoteWrite
		return remotewrite.New(remotewrite.Config{Endpoint: endpointConfig(s), Cluster: s.Cluster, Labels: o.Labels, Version2: o.Version2})
	}
	return text.New(text.Config{Cluster: s.Cluster, LinesPerMinute: s.LinesPerMinute})
}

func endpointConfig(s sink.Sink) endpoint.Config {
	e := s.Endpoint
	return endpoint.Config{
		URL: e.URL, User: e.User, Password: e.Password, PasswordFile: e.PasswordFile, Token: e.Token, TokenFile: e.TokenFile,
		CAFile: e.CAFile, CertFile: e.CertFile, KeyFile: e.KeyFile, Insecure: e.Insecure, Header: e.Headers, Timeout: s.Timeout,
	}
}

// addExporter has the usage of the clusters be exported to the sinks, and the server show how that goes.
func addExporter(extra *apiserver.ExtraConfig, clusters []*ClusterStack, sinks []export.Sink, reg metricsRegistry) error {
	if len(sinks) == 0 {
		return nil
	}
	var from []export.ObservedCluster
	for _, s := range clusters {
		from = append(from, s.observed())
	}
	exporter := export.New(from, sinks)
	extra.Background = append(extra.Background, apiserver.Background{Name: "sinks", Start: exporter.Start})
	extra.Handlers[statusPath] = exporter
	if err := reg.CustomRegister(exporter.Collector()); err != nil {
		return fmt.Errorf("register the metrics of sinks: %w", err)
	}
	return nil
}

// observed is what an exporter needs of the cluster.
func (s *ClusterStack) observed() export.ObservedCluster {
	return export.ObservedCluster{Name: s.name, Observe: s.store.Observe, Objects: exported{s.cluster}, Details: s.details, Resolution: s.resolution}
}
