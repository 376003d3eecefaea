package app

import (
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// TargetHandler is notified of how each node of a cluster is scraped. Calls about one node come one at a time; the newest call of Set or Refuse
// replaces those before it.
type TargetHandler interface {
	// Set has a node scraped.
	Set(target.Target)
	// Refuse reports why a node that exists cannot be scraped.
	Refuse(node string, err error)
	// Remove ends the scraping of a node that is gone, or that no source selects any more.
	Remove(node string)
}

// nodeRule is one source's rule for nodes: the nodes that the selector matches are scraped as the config describes.
type nodeRule struct {
	selector labels.Selector
	config   target.Config
}

// targets turns each node of a cluster into a target, by the first rule that selects the node. The rules are in the order of the sources.
type targets struct {
	rules   []nodeRule
	handler TargetHandler
}

// Set implements cluster.NodeHandler.
func (t *targets) Set(n *cluster.Node) {
	i := slices.IndexFunc(t.rules, func(r nodeRule) bool { return r.selector.Matches(n.Labels) })
	if i < 0 {
		t.handler.Remove(n.Name)
		return
	}
	to, err := t.rules[i].config.For(n)
	if err != nil {
		t.handler.Refuse(n.Name, err)
		return
	}
	to.Source = i
	t.handler.Set(to)
}

// Remove implements cluster.NodeHandler.
func (t *targets) Remove(name string) { t.handler.Remove(name) }

// combinedSelector selects the nodes of all sources, and more where there are several: a label selector has no alternatives.
func combinedSelector(sources []StackSource) labels.Selector {
	if len(sources) == 1 {
		return sources[0].Selector
	}
	return labels.Everything()
}

// targetConfig describes how the nodes of a source are scraped. No node is at the address of an API server.
func targetConfig(s source.Source, extra sample.ResourceSet, apiServers []target.Endpoint) target.Config {
	c := target.Config{
		Scheme: "https", Path: target.ResourcePath, Port: s.Kubelet.Port,
		UseNodeStatusPort: s.Kubelet.UseNodeStatusPort, AddressTypes: s.Kubelet.AddressTypes,
		OneType: s.Kubelet.InsecureTLS || !s.Kubelet.HTTPS,
		Policy:  target.Policy{AllowLocal: s.Kubelet.AllowLocalAddresses, APIServers: apiServers},
		Extra:   extra,
	}
	if !s.Kubelet.HTTPS {
		c.Scheme = "http"
	}
	if s.Kind == source.Summary {
		c.Path = target.SummaryPath
	}
	return c
}
