package app

import (
	"context"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/progress"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// Collector brings the usage of one cluster's nodes and pods into its store. It is safe for concurrent use. KubeletCollector, which scrapes each kubelet,
// is the first implementation. Another one can query an engine that has scraped the kubelets already.
type Collector interface {
	// NodeHandler is notified of the nodes whose usage is to be collected, before and after Start.
	cluster.NodeHandler
	// Start collects until ctx is done, and returns when all that it started has ended. An error before then makes the process not ready.
	Start(ctx context.Context) error
	// AwaitInitial returns once the first attempt to collect the usage of each node has ended, when none that is under way ends any more, or when ctx is
	// done. The cluster's pods are listed only then.
	AwaitInitial(ctx context.Context)
	// Message is one sentence, without a full stop, on why the newest attempt to collect the node's usage failed; empty where it succeeded. It names no
	// address: readers of one namespace see it.
	Message(node string) string
	// Details are what Message leaves out, for readers of nodes; empty where it leaves out nothing.
	Details(node string) string
	// Progress counts the nodes as they are now.
	Progress() progress.Counts
}

// collectorOf makes the collector of the cluster that the sources are of. Access is how the cluster's API server is reached.
type collectorOf func(sources []source.Source, access *rest.Config, c *cluster.Cluster, s *store.Store) (Collector, error)

// collectors are by the kind of the sources. A further kind of source is registered here and nowhere else.
func collectors(config *options.Config, reg metricsRegistry) (map[source.Kind]collectorOf, error) {
	kubelets, err := newKubelets(config, reg)
	if err != nil {
		return nil, err
	}
	scraping := func(sources []source.Source, access *rest.Config, c *cluster.Cluster, s *store.Store) (Collector, error) {
		return kubelets.NewCollector(sources, access, c, s)
	}
	return map[source.Kind]collectorOf{source.Resource: scraping, source.Summary: scraping}, nil
}
