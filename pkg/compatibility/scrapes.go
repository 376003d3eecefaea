package compatibility

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"k8s.io/component-base/metrics"
)

// Scrapes counts the scrapes of the nodes of one cluster. It implements scrape.Recorder, and is safe for concurrent use.
type Scrapes struct {
	requests    *metrics.CounterVec
	lastRequest *metrics.GaugeVec
	duration    *metrics.HistogramVec
	ticks       *metrics.Histogram
	resolution  time.Duration

	// mu guards what follows.
	mu sync.Mutex
	// longest is the longest scrape that ended in the current interval, which lasts until end; end is zero before the first scrape.
	longest time.Duration
	end     time.Time
}

// NewScrapes makes the metrics of a cluster whose nodes are scraped once in a resolution, and registers them.
func NewScrapes(register func(metrics.Registerable) error, resolution time.Duration) (*Scrapes, error) {
	s := &Scrapes{
		requests: metrics.NewCounterVec(&metrics.CounterOpts{
			Name: "metrics_server_kubelet_request_total", StabilityLevel: metrics.ALPHA, Help: "Scrapes of kubelets, by success.",
		}, []string{"success"}),
		lastRequest: metrics.NewGaugeVec(&metrics.GaugeOpts{
			Name: "metrics_server_kubelet_last_request_time_seconds", StabilityLevel: metrics.ALPHA,
			Help: "When the newest scrape of the node ended, successful or not, in seconds since 1970.",
		}, []string{"node"}),
		duration: metrics.NewHistogramVec(&metrics.HistogramOpts{
			Name: "metrics_server_kubelet_request_duration_seconds", StabilityLevel: metrics.ALPHA,
			Help: "How long scrapes of the node took, from the request to the store.", Buckets: metrics.DefBuckets,
		}, []string{"node"}),
		ticks: metrics.NewHistogram(&metrics.HistogramOpts{
			Name: "metrics_server_manager_tick_duration_seconds", StabilityLevel: metrics.ALPHA,
			Help: "The longest scrape of a node in each interval of one resolution.", Buckets: tickBuckets(resolution),
		}),
		resolution: resolution,
	}
	for _, metric := range []metrics.Registerable{s.requests, s.lastRequest, s.duration, s.ticks} {
		if err := register(metric); err != nil {
			return nil, fmt.Errorf("register the metric %s: %w", metric.FQName(), err)
		}
	}
	for _, success := range []string{"true", "false"} {
		s.requests.WithLabelValues(success)
	}
	return s, nil
}

// tickBuckets has bounds at one, one and a half, and two resolutions, so that scrapes that take too long are visible.
func tickBuckets(resolution time.Duration) []float64 {
	r := resolution.Seconds()
	bounds := append(slices.Clone(metrics.DefBuckets), r, 1.5*r, 2*r)
	slices.Sort(bounds)
	return slices.Compact(bounds)
}

// Scraped counts a scrape that has ended now.
func (s *Scrapes) Scraped(node string, took time.Duration, succeeded bool) {
	now := time.Now()
	s.requests.WithLabelValues(fmt.Sprint(succeeded)).Inc()
	s.lastRequest.WithLabelValues(node).Set(float64(now.Unix()))
	s.duration.WithLabelValues(node).Observe(took.Seconds())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endInterval(now)
	if s.end.IsZero() {
		s.end = now.Add(s.resolution)
	}
	s.longest = max(s.longest, took)
}

// endInterval counts the current interval if it is over. Intervals without any scrape are not counted. The caller holds mu.
func (s *Scrapes) endInterval(now time.Time) {
	if s.end.IsZero() || now.Before(s.end) {
		return
	}
	s.ticks.Observe(s.longest.Seconds())
	s.longest, s.end = 0, time.Time{}
}

// Removed leaves no series of a node behind.
func (s *Scrapes) Removed(node string) {
	s.lastRequest.DeleteLabelValues(node)
	s.duration.Delete(map[string]string{"node": node})
}
