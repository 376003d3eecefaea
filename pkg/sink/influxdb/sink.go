package influxdb

import (
	"fmt"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// Sink writes to one InfluxDB. It implements export.Encoder and export.Sender.
type Sink struct {
	config Config
	sender sender
	tags   tagWriter
	batch  batch
}

// New returns the sink that the config describes. It connects to nothing.
func New(c Config) (*Sink, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	s := &Sink{config: c, tags: tagWriter{home: c.Cluster, separator: c.LabelSeparator}, batch: newBatch(c.WithFields)}
	if err := s.tags.check(); err != nil {
		return nil, fmt.Errorf("cluster_name: %w", err)
	}
	var err error
	if s.sender, err = newSender(c); err != nil {
		return nil, err
	}
	return s, nil
}

// Needs are what the sink writes beside CPU and memory.
func (s *Sink) Needs() export.Needs {
	return export.Needs{Labels: true, Resources: true, Details: !s.config.DisableSummaryMetrics, Sums: true, Interval: s.config.Interval}
}
