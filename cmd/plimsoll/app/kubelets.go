package app

import (
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/compatibility"
	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/scrape"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// Kubelets makes the collectors that scrape kubelets. It has what the collectors of all clusters share.
type Kubelets struct {
	// NewClient makes the client of a source's kubelets. Access is how the API server of their cluster is reached.
	NewClient func(c kubelet.Config, access *rest.Config) (*kubelet.Client, error)
	// Extra are the extra resources that are served.
	Extra sample.ResourceSet
	// Metrics count the scrapes.
	Metrics *scrape.Metrics

	// recorder makes what is informed of the scrapes in the home cluster; nil for none.
	recorder func(resolution time.Duration) (scrape.Recorder, error)
	made     []*KubeletCollector
}

// newKubelets registers the metrics of scrapes.
func newKubelets(config *options.Config, reg metricsRegistry) (*Kubelets, error) {
	counted, err := scrape.NewMetrics(reg.Register)
	if err != nil {
		return nil, err
	}
	memory := kubelet.NewMemory(memoryLimit)
	k := &Kubelets{Extra: config.ExtraResources, Metrics: counted, NewClient: func(c kubelet.Config, access *rest.Config) (*kubelet.Client, error) {
		return kubelet.NewClient(c, access, memory)
	}}
	if config.CompatibilityMetrics {
		k.recorder = func(resolution time.Duration) (scrape.Recorder, error) {
			return compatibility.NewScrapes(reg.Register, resolution)
		}
	}
	through := newGauge("plimsoll_nodes_through_summary", "Nodes that are read through /stats/summary because the endpoint of their source has no containers.",
		[]string{"cluster"}, func(set setGauge) {
			for _, c := range k.made {
				set(float64(c.ThroughSummary()), c.cluster)
			}
		})
	return k, registerGauges(reg, through)
}

// KubeletCollector scrapes the kubelets of one cluster: it turns each node into a target, by the first source that selects the node.
type KubeletCollector struct {
	*scrape.Manager
	// Targets is notified of the targets. It is the Manager, unless the caller replaces it before the cluster starts, to decide what the Manager is notified
	// of.
	Targets TargetHandler

	cluster string
	// rules are in the order of the sources.
	rules []nodeRule
	// sendsDetails is true where the details of the full summary are read.
	sendsDetails bool
}

// TargetHandler is notified of how each node of a cluster is scraped: scrape.Manager describes the methods.
type TargetHandler interface {
	Set(target.Target)
	Refuse(node string, err error)
	Remove(node string)
}

// nodeRule is one source's rule for nodes: the nodes that the selector matches are scraped as the config describes.
type nodeRule struct {
	selector labels.Selector
	config   target.Config
}

// NewCollector connects the nodes and pods of the cluster that the sources are of, the clients of its kubelets, the decoders and the store. All
// collectors are made before the metrics are read.
func (k *Kubelets) NewCollector(sources []source.Source, access *rest.Config, watched *cluster.Cluster, s *store.Store) (*KubeletCollector, error) {
	name, declared := sources[0].Cluster, objects{watched}
	apiServers, err := options.APIServers(access, name)
	if err != nil {
		return nil, err
	}
	made := &KubeletCollector{cluster: name}
	config := scrape.Config{
		SummaryDecoder: decode.SummaryDecoder{Filter: declared, Extra: k.Extra.From(sample.Summary)},
		Extra:          k.Extra,
		ExtraDecoder: func(from sample.Endpoint) scrape.Decoder {
			details := made.sendsDetails && from == sample.FullSummary
			return decode.SummaryDecoder{Filter: declared, Extra: k.Extra.CheapestFrom(from), OnlyExtra: true, Details: details}
		},
		Pods: declared, PodsKnown: watched.PodsKnown(), Store: s, Metrics: k.Metrics.Of(name),
	}
	if name == "" && k.recorder != nil {
		if config.Recorder, err = k.recorder(maxResolution(sources)); err != nil {
			return nil, err
		}
	}
	for _, s := range sources {
		client, err := k.NewClient(clientConfig(s.Kubelet, apiServers), access)
		if err != nil {
			return nil, fmt.Errorf("source %v: %w", s, err)
		}
		config.Sources = append(config.Sources, scrape.Source{
			Name:   s.Redacted(),
			Client: client, Timeout: s.Kubelet.RequestTimeout, Resolution: s.Resolution, NewDecoder: newDecoder(s.Kind, declared, k.Extra),
		})
		made.rules = append(made.rules, nodeRule{s.NodeSelector, targetConfig(s, k.Extra, apiServers)})
	}
	made.Manager = scrape.NewManager(config)
	made.Targets = made.Manager
	k.made = append(k.made, made)
	return made, nil
}

// SendDetails implements detailsCollector.
func (k *KubeletCollector) SendDetails(to *export.DetailsQueue) {
	k.sendsDetails = true
	k.Manager.SendDetails(to)
	for i := range k.rules {
		k.rules[i].config.Details = true
	}
}

// Set implements cluster.NodeHandler.
func (k *KubeletCollector) Set(n *cluster.Node) {
	i := slices.IndexFunc(k.rules, func(r nodeRule) bool { return r.selector.Matches(n.Labels) })
	if i < 0 {
		k.Targets.Remove(n.Name)
		return
	}
	to, err := k.rules[i].config.For(n)
	if err != nil {
		k.Targets.Refuse(n.Name, err)
		return
	}
	to.Source = i
	k.Targets.Set(to)
}

// Remove implements cluster.NodeHandler.
func (k *KubeletCollector) Remove(node string) { k.Targets.Remove(node) }
