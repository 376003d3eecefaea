package app

import (
	"context"
	"errors"
	"slices"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/progress"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// Collector brings the usage of one cluster's nodes and pods into its store. It is safe for concurrent use. KubeletCollector scrapes each kubelet,
// engine.Collector queries an engine that has scraped the kubelets already, and mixedCollector does one or the other for each node.
//
// What a collector has to do, beside its methods:
//
//   - It puts each response by Store.Put, under a store.Identity that has the UID, the boot ID and the capacity of the cluster.Node. Each node that it
//     removes has its own Identity.Gone, which it sets before Store.Delete: a response that is still under way then puts nothing.
//   - It calls Store.Fail where it could not collect the usage of a node, and Store.Delete where Remove reports that the node is gone.
//   - Once cluster.PodsKnown is closed it calls Store.MatchPods for each node, with the Identity of the node's newest response: what came before is kept
//     until its pods are known. Where PutResult.FirstSeen is not 0, another response soon after gives the first CPU rate.
//   - progress.Pending counts the nodes whose first attempt has not ended, and has an Await for AwaitInitial. Progress counts a node as settled as the
//     fields of progress.Counts describe, with reasons that are a small fixed set: they are label values.
//
// The stack does the rest: how long usage is served, messages, readiness and metrics of nodes. Labels of metrics name no node.
type Collector interface {
	// NodeHandler is notified of the nodes whose usage is to be collected, before and after Start.
	cluster.NodeHandler
	// Start collects until ctx is done, and returns when all that it started has ended. An error before then makes the process not ready.
	Start(ctx context.Context) error
	// AwaitInitial returns once the first attempt to collect the usage of each node has ended, once no further attempt has ended for so long that the
	// missing ones are not worth waiting for (1.5 s for kubelets), or when ctx is done. The cluster's pods are listed only then.
	AwaitInitial(ctx context.Context)
	// Status is how the collection of a node's usage goes.
	Status(node string) progress.Node
	// Progress counts the nodes as they are now.
	Progress() progress.Counts
}

// detailsCollector is a collector that can read what only the full summary of a kubelet has.
type detailsCollector interface {
	// SendDetails has that be read. It is called before the collector is notified of a node, and not where no sink needs it.
	SendDetails(to *export.DetailsQueue)
}

// newCollector makes the collector of the cluster that the sources are of. Access is how the cluster's API server is reached.
type newCollector func(sources []source.Source, access *rest.Config, c *cluster.Cluster, s *store.Store) (Collector, error)

// collectorKind is one kind of collector, which collects from one or several kinds of source.
type collectorKind struct {
	sources []source.Kind
	new     newCollector
}

// collectorKinds are all kinds of collector. A further one is registered here and nowhere else.
func collectorKinds(config *options.Config, reg metricsRegistry) ([]collectorKind, error) {
	kubelets, err := newKubelets(config, reg)
	if err != nil {
		return nil, err
	}
	engines, err := newEngines(kubelets, reg)
	if err != nil {
		return nil, err
	}
	return []collectorKind{
		{[]source.Kind{source.Resource, source.Summary}, func(sources []source.Source, access *rest.Config, c *cluster.Cluster, s *store.Store) (Collector, error) {
			return kubelets.NewCollector(sources, access, c, s)
		}},
		{[]source.Kind{source.Prometheus}, func(sources []source.Source, _ *rest.Config, c *cluster.Cluster, s *store.Store) (Collector, error) {
			return engines.NewCollector(sources, c, s, nil)
		}},
		{[]source.Kind{source.Resource, source.Summary, source.Prometheus}, func(sources []source.Source, access *rest.Config, c *cluster.Cluster, s *store.Store) (Collector, error) {
			return newMixedCollector(kubelets, engines, sources, access, c, s)
		}},
	}, nil
}

// chooseCollector returns what makes the collector of a cluster with these sources: the first kind that has all of them.
func chooseCollector(kinds []collectorKind, sources []source.Source) (newCollector, error) {
	i := slices.IndexFunc(kinds, func(k collectorKind) bool {
		return !slices.ContainsFunc(sources, func(s source.Source) bool { return !slices.Contains(k.sources, s.Kind) })
	})
	if i < 0 {
		return nil, errors.New("no collector is registered for the kinds of source that the cluster has")
	}
	return kinds[i].new, nil
}
