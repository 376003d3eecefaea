package world

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// view is all that a Plimsoll serves at one moment.
type view struct {
	at    time.Time
	nodes map[string]metricsv1.NodeMetrics
	pods  map[string]metricsv1.PodMetrics
}

func read(ctx context.Context, client metricsclient.Interface) (view, error) {
	v := view{at: time.Now(), nodes: map[string]metricsv1.NodeMetrics{}, pods: map[string]metricsv1.PodMetrics{}}
	nodes, err := client.MetricsV1().NodeMetricses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return v, fmt.Errorf("list the nodes: %w", err)
	}
	pods, err := client.MetricsV1().PodMetricses("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return v, fmt.Errorf("list the pods: %w", err)
	}
	for _, n := range nodes.Items {
		v.nodes[n.Name] = n
	}
	for _, p := range pods.Items {
		v.pods[p.Namespace+"/"+p.Name] = p
	}
	return v, nil
}

// served are how many of the nodes and of the population's pods are served.
func (v view) served() (nodeCount, podCount int) {
	times := v.times()
	for _, name := range nodes() {
		if _, ok := times[name]; ok {
			nodeCount++
		}
	}
	return nodeCount, len(times) - nodeCount
}

// complete wants the population and its nodes, none older than most. The API has whole seconds, which makes usage up to one second older than it is.
func (v view) complete(most time.Duration) error {
	var errs []error
	times := v.times()
	for _, name := range append(nodes(), population()...) {
		at, served := times[name]
		if age := v.at.Sub(at); !served || age > most+time.Second {
			errs = append(errs, fmt.Errorf("the usage of %s is of %s (served: %t)", name, at.Format(time.TimeOnly), served))
		}
	}
	if len(errs) > 3 {
		errs = append(errs[:3], fmt.Errorf("and %d more", len(errs)-3))
	}
	return errors.Join(errs...)
}

// isTrue compares every rate of the population and of its nodes with the true average over its window, and returns how many are right.
func (v view) isTrue() (compared int, err error) {
	for _, name := range population() {
		p, served := v.pods[name]
		if !served {
			continue
		}
		for _, c := range p.Containers {
			truth := func(from, to time.Time) (float64, bool) {
				return env.Fleet.CPUBetween(p.Namespace, p.Name, c.Name, from, to)
			}
			if err := isAverage(c.Usage.Cpu().AsApproximateFloat64(), p.Timestamp.Time, p.Window.Duration, truth); err != nil {
				return compared, fmt.Errorf("container %s of pod %s: %w", c.Name, name, err)
			}
			compared++
		}
	}
	for _, name := range nodes() {
		n, served := v.nodes[name]
		if !served {
			continue
		}
		truth := func(from, to time.Time) (float64, bool) { return env.Fleet.NodeCPUBetween(name, from, to) }
		if err := isAverage(n.Usage.Cpu().AsApproximateFloat64(), n.Timestamp.Time, n.Window.Duration, truth); err != nil {
			return compared, fmt.Errorf("node %s: %w", name, err)
		}
		compared++
	}
	return compared, nil
}

// times are the timestamps of the population and of its nodes, as far as they are served.
func (v view) times() map[string]time.Time {
	times := map[string]time.Time{}
	for _, name := range nodes() {
		if n, ok := v.nodes[name]; ok {
			times[name] = n.Timestamp.Time
		}
	}
	for _, name := range population() {
		if p, ok := v.pods[name]; ok {
			times[name] = p.Timestamp.Time
		}
	}
	return times
}

// isAverage wants a rate, in cores, to be the true average over a window that ends within the second of its timestamp.
func isAverage(cores float64, at time.Time, window time.Duration, truth func(from, to time.Time) (float64, bool)) error {
	const tolerance = 0.02
	least, most := math.Inf(1), math.Inf(-1)
	for end := at; !end.After(at.Add(time.Second)); end = end.Add(50 * time.Millisecond) {
		if average, ok := truth(end.Add(-window), end); ok {
			least, most = min(least, average), max(most, average)
		}
	}
	// The windows of the containers of one pod end up to a little apart.
	if cores < least*(1-tolerance)-0.001 || cores > most*(1+tolerance)+0.001 {
		return fmt.Errorf("%.4f cores over %s to %s, in truth %.4f to %.4f", cores, window, at.Format(time.TimeOnly), least, most)
	}
	return nil
}

// settle waits until all is served with usage of the newest scrape.
func settle(t *testing.T, client metricsclient.Interface) {
	t.Helper()
	poll.Eventually(t, 2*time.Minute, func(ctx context.Context) error {
		v, err := read(ctx, client)
		if err != nil {
			return err
		}
		return v.complete(size.resolution + 2*time.Second)
	})
}
