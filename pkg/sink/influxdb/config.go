package influxdb

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sink/endpoint"
)

// Config is what a Sink is made of.
type Config struct {
	// Endpoint is the server: the address without the path of the API. Its token is sent in the scheme Token,
	// which is InfluxDB's, unless it names another.
	Endpoint endpoint.Config
	// Database is the database of InfluxDB 1, which is created where it does not exist; it is not needed where Bucket is set.
	Database string
	// Retention is how long a database keeps data that this sink creates; 0 for ever.
	Retention time.Duration
	// Bucket is the bucket of InfluxDB 2, or the database of InfluxDB 3, and Organization the organization that it belongs to. Where Bucket is set,
	// the sink writes by the API of version 2.
	Bucket, Organization string
	// Cluster is the tag cluster_name of the home cluster; "default" where it is empty. Other clusters have the names of their sources.
	Cluster string
	// LabelSeparator stands between the labels of a pod in the tag labels; a comma where it is empty.
	LabelSeparator string
	// Interval is how often the usage of each object is written, at most: the first sample of each interval. Heapster's dashboards draw the sum over each
	// minute, so they need one sample in it. 0 writes every sample.
	Interval time.Duration
	// WithFields has the points of one object share a measurement: cpu/request is then the field request of the measurement cpu.
	WithFields bool
	// DisableCounterMetrics leaves out the counters of which there is a rate.
	DisableCounterMetrics bool
	// DisableSummaryMetrics leaves out what only the full summary of a kubelet has, which is not read then.
	DisableSummaryMetrics bool
}

var errNoDatabase = errors.New("neither a database nor a bucket is named")

// minRetention is the shortest retention that InfluxDB accepts.
const minRetention = time.Hour

func (c *Config) validate() error {
	if c.Database == "" && c.Bucket == "" {
		return errNoDatabase
	}
	if c.Retention != 0 && c.Retention < minRetention {
		return fmt.Errorf("retention of %v: InfluxDB keeps data for an hour at least", c.Retention)
	}
	c.Cluster, c.LabelSeparator = cmp.Or(c.Cluster, "default"), cmp.Or(c.LabelSeparator, ",")
	return nil
}
