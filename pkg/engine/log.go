package engine

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/loglimit"
)

// logQuery logs why an engine cannot be queried, once for all shards, and that it can be again.
func (c *Collector) logQuery(ctx context.Context, source int, err error) {
	failed := causeOf(err)
	if !c.logged.Set("engine "+strconv.Itoa(source), failed.Label()) {
		return
	}
	logger := klog.FromContext(ctx).WithValues("engine", c.config.Sources[source].Client.Endpoint.String())
	if err == nil {
		logger.Info("Engine is queried again")
		return
	}
	logger.Info("Engine cannot be queried: its nodes are served what was read before, until that is too old", "reason", failed.Label(), "message", failed.Message(), "err", detailsOf(err))
}

// logReplaced logs that nodes begin to be read from the engine, where others are scraped: not more often than the limiter allows.
func (c *Collector) logReplaced(ctx context.Context, nodes []string, logged *loglimit.Limiter) {
	if c.hasStandby && len(nodes) > 0 && logged.IsNew("replaced") {
		klog.FromContext(ctx).Info("Nodes begin to be read from the engine: no source of kubelets selects them, or their kubelets cannot be scraped", "nodes", len(nodes), "named", nodes[:min(len(nodes), maxNamed)])
	}
}

// failures are the nodes of one poll whose usage could not be read, by the cause's label.
type failures map[string]*failure

type failure struct {
	err   error
	nodes []string
}

func (f failures) add(node string, err error) {
	if err == nil {
		return
	}
	code := causeOf(err).Label()
	if f[code] == nil {
		f[code] = &failure{err: err}
	}
	f[code].nodes = append(f[code].nodes, node)
}

// log logs for which reasons nodes cannot be read, unless the log has that. Some of the nodes are named.
func (f failures) log(ctx context.Context, logged *loglimit.Limiter) {
	codes := strings.Join(slices.Sorted(maps.Keys(f)), ",")
	if !logged.Set("nodes", codes) {
		return
	}
	if codes == "" {
		klog.FromContext(ctx).Info("Nodes are read from the engine again")
	}
	for _, code := range slices.Sorted(maps.Keys(f)) {
		nodes := f[code].nodes
		klog.FromContext(ctx).Info("Nodes cannot be read from the engine", "nodes", len(nodes), "named", nodes[:min(len(nodes), maxNamed)],
			"reason", code, "message", causeOf(f[code].err).Message(), "err", detailsOf(f[code].err))
	}
}
