package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/excerpt"
)

const (
	// firstReport is after how many resolutions what was found of an engine is logged, and reports how long it is until that is compared again.
	firstReport = 2
	reports     = 10 * time.Minute
	// maxNamed bounds the names in a line of the log.
	maxNamed = 5
)

// findings are what was found of one engine's series.
type findings struct {
	// nodes are those that were polled; byEndpoint those of them that have series, and stamped those of these whose samples have the kubelet's times.
	nodes, stamped int
	byEndpoint     map[Endpoint]int
	// missing are the nodes without series, and unknown the values of the node label that are no node's, both in order.
	missing, unknown []string
	// interval is the longest time between two scrapes of a node.
	interval time.Duration
}

// report logs what was found of an engine, and again where that has changed, until ctx is done.
func (c *Collector) report(ctx context.Context, source int) {
	before, next := "", firstReport*c.config.Sources[source].Resolution
	for {
		select {
		case <-time.After(next):
		case <-ctx.Done():
			return
		}
		next = reports
		f := c.findings(source)
		if len(f.missing) > 0 {
			f.unknown = c.unknownNodes(ctx, source)
		}
		isRead := len(f.byEndpoint)+len(f.missing) > 0 // Else each query fails, which the log has.
		if text := fmt.Sprint(f); isRead && text != before {
			before = text
			f.log(klog.FromContext(ctx).WithValues("engine", c.config.Sources[source].Client.Endpoint.String()), &c.config.Sources[source])
		}
	}
}

// findings counts the nodes of a source by what the newest poll found of them.
func (c *Collector) findings(source int) findings {
	f := findings{byEndpoint: map[Endpoint]int{}}
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, n := range c.nodes {
		if n.shard.source != source || !n.succeeded && n.cause == cause.None {
			continue
		}
		f.nodes++
		switch {
		case n.succeeded:
			f.byEndpoint[n.found.endpoint]++
			f.stamped += number(n.found.stamped)
			f.interval = max(f.interval, n.found.interval)
		case n.cause == cause.EngineNoSeries:
			f.missing = append(f.missing, name)
		}
	}
	slices.Sort(f.missing)
	return f
}

// unknownNodes are the values of the node label that no Node of the cluster has, in order; none where the engine does not say.
func (c *Collector) unknownNodes(ctx context.Context, source int) []string {
	s := &c.config.Sources[source]
	values := map[string]bool{}
	matchers := s.Selection.Labels.Node + `!=""`
	if s.Selection.Matchers != "" {
		matchers += "," + s.Selection.Matchers
	}
	query := fmt.Sprintf(`group by (%s) (container_cpu_usage_seconds_total{%s})`, s.Selection.Labels.Node, matchers)
	_, err := s.Client.query(ctx, query, func(labels []label, _ []point) {
		for _, l := range labels {
			values[string(l.value)] = true
		}
	})
	if err != nil {
		return nil // The next poll reports what is wrong with the engine.
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(values, func(name string, _ bool) bool { return c.nodes[name] != nil })
	return slices.Sorted(maps.Keys(values))
}

// log logs the findings, and what to do where they are not as they should be.
func (f findings) log(logger klog.Logger, s *Source) {
	logger.Info("Engine is read", "nodes", f.nodes, "ofResource", f.byEndpoint[Resource], "ofCAdvisor", f.byEndpoint[CAdvisor],
		"withKubeletTimes", f.stamped, "scrapeInterval", f.interval, "withoutSeries", len(f.missing))
	read := f.byEndpoint[Resource] + f.byEndpoint[CAdvisor]
	if read > 0 && f.stamped == 0 {
		logger.Info("Engine does not keep the kubelets' times of readings, so rates are less exact: set honor_timestamps and track_timestamps_staleness where it scrapes kubelets")
	}
	if f.interval > s.Resolution+s.Resolution/5 {
		logger.Info("Engine scrapes kubelets less often than it is queried, so usage may be too old to be served in between: set the option resolution to its scrape interval", "scrapeInterval", f.interval, "resolution", s.Resolution)
	}
	if 2*f.interval > s.Selection.Window {
		logger.Info("Engine has fewer than two samples of a series in the window: set the option window to three scrape intervals", "scrapeInterval", f.interval, "window", s.Selection.Window)
	}
	if len(f.missing) > 0 {
		logger.Info("Engine has no series of some nodes: compare the names with the values of their label, and see the options nodeLabel and match", "nodes", len(f.missing),
			"named", f.missing[:min(len(f.missing), maxNamed)], "label", s.Selection.Labels.Node, "valuesThatAreNoNode", len(f.unknown), "namedValues", excerpt.Of(strings.Join(f.unknown[:min(len(f.unknown), maxNamed)], " ")))
	}
}

// intervalOf is the mean time between samples; 0 where there are not two.
func intervalOf(times []int64) time.Duration {
	if len(times) < 2 {
		return 0
	}
	return time.Duration(times[len(times)-1]-times[0]) * time.Millisecond / time.Duration(len(times)-1)
}

// found is what the newest response shows of the engine's series of a node.
type found struct {
	endpoint Endpoint
	stamped  bool
	interval time.Duration
}

// found is what the response shows of the engine.
func (a *nodeResponse) found() found {
	times := a.scrapes
	for _, p := range a.subjects {
		if len(times) > 0 {
			break
		}
		for _, at := range p[cpuMetric] {
			times = append(times, at.time)
		}
	}
	return found{a.endpoint, a.stamped, intervalOf(times).Round(time.Second)}
}
