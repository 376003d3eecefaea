package app

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/scrape"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// loops look at nodes. A node is told by the first two, whichever came last.
type loops interface {
	// Set has a node looked at.
	Set(target.Target)
	// Refuse tells why a node cannot be looked at.
	Refuse(node string, why error)
	// Remove tells that a node is gone.
	Remove(node string)
}

// chooser is how the nodes are reached that belong to one source.
type chooser struct {
	selector labels.Selector
	config   target.Config
}

// targets tells the loops of the cluster's nodes. A node belongs to the first source that selects it.
type targets struct {
	sources []chooser
	loops   loops
}

// Set implements cluster.NodeHandler.
func (t *targets) Set(n *corev1.Node) {
	i := slices.IndexFunc(t.sources, func(c chooser) bool { return c.selector.Matches(labels.Set(n.Labels)) })
	if i < 0 {
		t.loops.Remove(n.Name)
		return
	}
	to, err := t.sources[i].config.For(n)
	if err != nil {
		t.loops.Refuse(n.Name, err)
		return
	}
	to.Source = i
	t.loops.Set(to)
}

// Remove implements cluster.NodeHandler.
func (t *targets) Remove(name string) { t.loops.Remove(name) }

// newTargets returns the targets of a cluster's nodes, none of which is one of its API servers.
func newTargets(sources []source.Source, extraResources []string, apiServers []target.Endpoint) *targets {
	t := &targets{}
	for _, s := range sources {
		config := targetConfig(s, extraResources)
		config.Policy.APIServers = apiServers
		t.sources = append(t.sources, chooser{s.NodeSelector, config})
	}
	return t
}

// union selects the nodes of all sources, and more where there are several: the API server knows no alternatives.
func union(sources []source.Source) labels.Selector {
	if len(sources) == 1 {
		return sources[0].NodeSelector
	}
	return labels.Everything()
}

func kubeletAccess(k source.Kubelet) scrape.Access {
	return scrape.Access{
		CAFile: k.CAFile, CertFile: k.CertFile, KeyFile: k.KeyFile, InsecureTLS: k.InsecureTLS, Plain: !k.HTTPS,
		Policy: target.Policy{AllowLocal: k.AllowLocalAddresses},
	}
}

func targetConfig(s source.Source, extraResources []string) target.Config {
	c := target.Config{
		Scheme: "https", Path: target.ResourcePath, Port: s.Kubelet.Port,
		UseNodeStatusPort: s.Kubelet.UseNodeStatusPort, AddressTypes: s.Kubelet.AddressTypes,
		OneType: s.Kubelet.InsecureTLS || !s.Kubelet.HTTPS,
		Policy:  target.Policy{AllowLocal: s.Kubelet.AllowLocalAddresses},
		Swap:    slices.Contains(extraResources, options.Swap),
		Disk:    slices.Contains(extraResources, options.EphemeralStorage),
	}
	if !s.Kubelet.HTTPS {
		c.Scheme = "http"
	}
	if s.Kind == source.Summary {
		c.Path = target.SummaryPath
	}
	return c
}

// decoder returns what makes the decoder of one node. It leaves out what the filter does not expect.
func decoder(kind source.Kind, filter decode.Filter) func() scrape.Decoder {
	if kind == source.Summary {
		return scrape.Stateless(decode.SummaryDecoder{Filter: filter}.Decode).New
	}
	return func() scrape.Decoder { return &decode.ResourceDecoder{Filter: filter} }
}

// expectations tells the store and the scrape loops what the pods' own objects say.
type expectations struct{ pods *cluster.Pods }

// Expect implements store.Pods.
func (e expectations) Expect(namespace, name string) (store.Expected, bool) {
	pod, ok := e.pods.Get(namespace, name)
	if !ok {
		return store.Expected{}, false
	}
	return store.Expected{
		Node: pod.Node, UID: pod.UID, Created: pod.Created * int64(time.Second),
		Static: pod.Static, Containers: pod.Expected, Idle: pod.Idle(), Awaited: pod.Awaited(), Started: pod.Started, Answer: pod.Answer,
	}, true
}

// Expects implements decode.Filter.
func (e expectations) Expects(namespace, pod, container string) bool {
	known, ok := e.pods.Get(namespace, pod)
	return !ok || known.Has(container)
}

// Running implements scrape.Pods.
func (e expectations) Running(node string) bool { return e.pods.Running(node) }
