package options

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/klog/v2"
	"k8s.io/utils/ptr"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/sink"
	"github.com/plimsoll/plimsoll/pkg/source"
)

// Config is the validated result of Plimsoll's own flags.
type Config struct {
	// Sources has at least one element. The kubelet flags are their defaults.
	Sources []source.Source
	// Sinks are where usage is sent; empty for nowhere.
	Sinks []sink.Sink
	// MaxAge is how long the newest usage of a node is served while scrapes fail; nil for the default of MaxAgeAt.
	MaxAge *time.Duration
	// ExtraResources are served in addition to cpu and memory.
	ExtraResources sample.ResourceSet
	// CompressAnswers has large responses compressed for clients that accept it.
	CompressAnswers bool
	// Watch has the API offer watches.
	Watch bool
	// CompatibilityMetrics exposes metrics of the home cluster under the names of metrics-server too.
	CompatibilityMetrics bool
	// ServingCertificate describes the certificate that the server makes itself; nil where it makes none.
	ServingCertificate *ServingCertificate
}

// MaxAgeAt is how long the newest usage of a node is served that is scraped once per resolution; with 0, a failed scrape leaves none.
func (c *Config) MaxAgeAt(resolution time.Duration) time.Duration {
	if c.MaxAge != nil {
		return *c.MaxAge
	}
	return defaultAge * resolution
}

// Config translates valid options; it fails on what Validate refuses. It logs the notes of each source and sink, and a request timeout that is cut because it
// exceeds nine tenths of the resolution.
func (o *Options) Config(ctx context.Context) (*Config, error) {
	if _, err := labels.Parse(o.Scrape.NodeSelector); err != nil {
		return nil, fmt.Errorf("parse --node-selector: %w", err)
	}
	sources, err := o.sources()
	if err != nil {
		return nil, fmt.Errorf("parse --source: %w", err)
	}
	sinks, err := o.sinks()
	if err != nil {
		return nil, fmt.Errorf("parse --sink: %w", err)
	}
	extra, err := sample.ParseResources(o.Scrape.ExtraResources)
	if err != nil {
		return nil, fmt.Errorf("parse --extra-resources: %w", err)
	}
	certificate, err := o.servingCertificate()
	if err != nil {
		return nil, err
	}
	logger := klog.FromContext(ctx)
	if o.ServingCertificateService != "" && certificate == nil {
		logger.Info("The certificate of --tls-cert-file is served, so --serving-certificate-service has no effect")
	}
	if most := o.Scrape.Resolution * 9 / 10; o.Kubelet.RequestTimeout > most {
		logger.Info("Kubelet request timeout cut to nine tenths of the metric resolution",
			"kubeletRequestTimeout", o.Kubelet.RequestTimeout, "metricResolution", o.Scrape.Resolution, "used", most)
	}
	for _, s := range sources {
		for _, note := range s.Notes {
			logger.Info("About a source: "+note, "source", s.Redacted())
		}
	}
	for _, s := range sinks {
		for _, note := range s.Notes {
			logger.Info("About a sink: "+note, "sink", s.Redacted())
		}
	}
	return &Config{
		Sources: sources, Sinks: sinks, MaxAge: o.Scrape.MaxAge, ExtraResources: extra,
		CompressAnswers: o.CompressAnswers, Watch: o.Watch, CompatibilityMetrics: ptr.Deref(o.CompatibilityMetrics, o.Program == metricsServer),
		ServingCertificate: certificate,
	}, nil
}
