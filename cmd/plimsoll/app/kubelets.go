package app

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/sample"
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

// targets tells the loops of the cluster's nodes.
type targets struct {
	config target.Config
	loops  loops
}

// Set implements cluster.NodeHandler.
func (t *targets) Set(n *corev1.Node) {
	to, err := t.config.For(n)
	if err != nil {
		t.loops.Refuse(n.Name, err)
		return
	}
	t.loops.Set(to)
}

// Remove implements cluster.NodeHandler.
func (t *targets) Remove(name string) { t.loops.Remove(name) }

func kubeletAccess(k options.KubeletConfig) scrape.Access {
	return scrape.Access{
		CAFile: k.CAFile, CertFile: k.CertFile, KeyFile: k.KeyFile,
		InsecureTLS: k.InsecureTLS, Plain: k.CompletelyInsecure,
	}
}

func targetConfig(config *options.Config, kind source.Kind) target.Config {
	k := config.Kubelet
	c := target.Config{
		Scheme: "https", Path: target.ResourcePath, Port: k.Port,
		UseNodeStatusPort: k.UseNodeStatusPort, AddressTypes: k.AddressTypes,
		Swap: slices.Contains(config.Scrape.ExtraResources, options.Swap),
		Disk: slices.Contains(config.Scrape.ExtraResources, options.EphemeralStorage),
	}
	if k.CompletelyInsecure {
		c.Scheme = "http"
	}
	if kind == source.Summary {
		c.Path = target.SummaryPath
	}
	return c
}

func decoder(kind source.Kind) func([]byte) (sample.Node, error) {
	if kind == source.Summary {
		return decode.Summary
	}
	return decode.Resource
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
		Node: pod.Node, UID: string(pod.UID), Created: pod.CreationTimestamp.UnixNano(),
		Static: pod.Static, Containers: pod.Expected, Idle: pod.Idle,
	}, true
}

// Running implements scrape.Pods.
func (e expectations) Running(node string) bool { return e.pods.Running(node) }
