package compatibility

import (
	"time"

	"k8s.io/component-base/metrics"
	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/pkg/registry/nodemetrics"
	"github.com/plimsoll/plimsoll/pkg/registry/podmetrics"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Freshness observes how old the numbers are that the API serves. It is safe for concurrent use.
type Freshness struct {
	age   *metrics.Histogram
	clock clock.PassiveClock
}

// NewFreshness makes the metric and registers it.
func NewFreshness(register func(metrics.Registerable) error, clock clock.PassiveClock) (*Freshness, error) {
	f := &Freshness{clock: clock, age: metrics.NewHistogram(&metrics.HistogramOpts{
		Name: "metrics_server_api_metric_freshness_seconds", StabilityLevel: metrics.ALPHA,
		Help: "How old the numbers of a node or pod were, by the clock of its kubelet, when the API served them.",
		// From a second to six minutes, as metrics-server has them.
		Buckets: metrics.ExponentialBuckets(1, 1.364, 20),
	})}
	return f, register(f.age)
}

func (f *Freshness) observe(taken time.Time) { f.age.Observe(f.clock.Since(taken).Seconds()) }

// Nodes returns the same numbers, and observes each that is read.
func (f *Freshness) Nodes(of nodemetrics.Usages) nodemetrics.Usages { return nodes{of, f} }

// Pods returns the same numbers, and observes each that is read.
func (f *Freshness) Pods(of podmetrics.Usages) podmetrics.Usages { return pods{of, f} }

type nodes struct {
	nodemetrics.Usages
	freshness *Freshness
}

// NodeIn implements nodemetrics.Usages.
func (n nodes) NodeIn(slot *usage.NodeCell) (*usage.Node, bool) {
	used, ok := n.Usages.NodeIn(slot)
	if ok {
		n.freshness.observe(used.Time)
	}
	return used, ok
}

type pods struct {
	podmetrics.Usages
	freshness *Freshness
}

// Pod implements podmetrics.Usages.
func (p pods) Pod(slot *usage.PodCell, node string) (*usage.Pod, bool) {
	used, ok := p.Usages.Pod(slot, node)
	if ok {
		p.freshness.observe(used.Time)
	}
	return used, ok
}
