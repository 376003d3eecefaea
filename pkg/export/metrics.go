package export

import "k8s.io/component-base/metrics"

// Collector returns the metrics of all sinks. They are read from what the exporter counts; the label sink is a sink's name.
func (e *Exporter) Collector() metrics.StableCollector {
	return &collector{exporter: e, series: []series{
		counter("plimsoll_sink_points_sent_total", "Points that the sink has accepted.", func(s Status) int { return s.Sent }),
		counter("plimsoll_sink_points_rejected_total", "Points that the sink has refused for what is in them.", func(s Status) int { return s.Rejected }),
		counter("plimsoll_sink_records_skipped_total", "Objects whose usage cannot be written in the sink's format.", func(s Status) int { return s.Skipped }),
		counter("plimsoll_sink_errors_total", "Tries to deliver points that failed.", func(s Status) int { return s.Errors }),
		gauge("plimsoll_sink_queue_bytes", "Bytes that wait to be delivered.", func(s Status) float64 { return float64(s.QueueBytes) }),
		gauge("plimsoll_sink_queue_limit_bytes", "Bytes that can wait before the oldest are dropped.", func(s Status) float64 { return float64(s.QueueLimitBytes) }),
		gauge("plimsoll_sink_lag_seconds", "How long the oldest points have waited to be delivered; 0 where none wait.", func(s Status) float64 { return s.OldestSeconds }),
		{desc("plimsoll_sink_points_dropped_total", "Points that were not delivered, by reason: queue_full, too_large for the queue, refused although others are accepted, shutdown.", "reason"), metrics.CounterValue,
			func(s Status, add func(float64, ...string)) {
				for reason, points := range s.Dropped {
					add(float64(points), reason)
				}
			}},
	}}
}

// series is one metric of a sink.
type series struct {
	desc *metrics.Desc
	kind metrics.ValueType
	// read adds the values, with those of the labels but sink.
	read func(s Status, add func(value float64, labels ...string))
}

func desc(name, help string, labels ...string) *metrics.Desc {
	return metrics.NewDesc(name, help, append([]string{"sink"}, labels...), nil, metrics.ALPHA, "")
}

func counter(name, help string, value func(Status) int) series {
	return series{desc(name, help), metrics.CounterValue, func(s Status, add func(float64, ...string)) { add(float64(value(s))) }}
}

func gauge(name, help string, value func(Status) float64) series {
	return series{desc(name, help), metrics.GaugeValue, func(s Status, add func(float64, ...string)) { add(value(s)) }}
}

// collector implements metrics.StableCollector.
type collector struct {
	metrics.BaseStableCollector
	exporter *Exporter
	series   []series
}

// DescribeWithStability implements metrics.StableCollector.
func (c *collector) DescribeWithStability(ch chan<- *metrics.Desc) {
	for _, s := range c.series {
		ch <- s.desc
	}
}

// CollectWithStability implements metrics.StableCollector.
func (c *collector) CollectWithStability(ch chan<- metrics.Metric) {
	for _, status := range c.exporter.Status() {
		for _, s := range c.series {
			s.read(status, func(value float64, labels ...string) {
				ch <- metrics.NewLazyConstMetric(s.desc, s.kind, value, append([]string{status.Name}, labels...)...)
			})
		}
	}
}
