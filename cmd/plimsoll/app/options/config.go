package options

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/source"
)

// Config is what Plimsoll's own flags come to.
type Config struct {
	// Sources are never empty. The kubelet flags are in them, as their defaults.
	Sources []source.Source
	// MaxAge is how long a node's last numbers are served when newer ones fail to come; nil for the default, which MaxAgeAt knows.
	MaxAge *time.Duration
	// ExtraResources are what is served beside cpu and memory.
	ExtraResources []string
	// CompressAnswers has large answers compressed for clients that accept it.
	CompressAnswers bool
	// CompatibilityMetrics has figures of the home cluster shown under the names of metrics-server's metrics too.
	CompatibilityMetrics bool
}

// MaxAgeAt is how long the last numbers of a node are served that is looked at once a resolution; with 0, a failed look leaves none.
func (c *Config) MaxAgeAt(resolution time.Duration) time.Duration {
	if c.MaxAge != nil {
		return *c.MaxAge
	}
	return defaultAge * resolution
}

// Config translates valid options; it fails on what Validate would have refused. What a source does otherwise than somebody may
// expect is a line in the log, and so is a request timeout that the resolution has no room for, which is cut.
func (o *Options) Config(ctx context.Context) (*Config, error) {
	if _, err := labels.Parse(o.Scrape.NodeSelector); err != nil {
		return nil, fmt.Errorf("parse --node-selector: %w", err)
	}
	sources, err := o.sources()
	if err != nil {
		return nil, fmt.Errorf("parse --source: %w", err)
	}
	logger := klog.FromContext(ctx)
	if most := o.Scrape.Resolution * 9 / 10; o.Kubelet.RequestTimeout > most {
		logger.Info("Kubelet request timeout cut to nine tenths of the metric resolution",
			"kubeletRequestTimeout", o.Kubelet.RequestTimeout, "metricResolution", o.Scrape.Resolution, "used", most)
	}
	for _, s := range sources {
		for _, note := range s.Notes {
			logger.Info("About a source: "+note, "source", s.Raw)
		}
	}
	return &Config{
		Sources: sources, MaxAge: o.Scrape.MaxAge, ExtraResources: o.Scrape.ExtraResources,
		CompressAnswers: o.CompressAnswers, CompatibilityMetrics: o.compatibilityMetrics(),
	}, nil
}
