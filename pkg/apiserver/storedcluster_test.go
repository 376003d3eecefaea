package apiserver_test

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/cache"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// storedCluster is a cluster of one node and one pod, whose usage is published by a real store.
type storedCluster struct {
	*store.Store
	clock *clocktesting.FakeClock
	node  *cluster.Node
	pod   *cluster.Pod
}

func newStoredCluster() *storedCluster {
	clock := clocktesting.NewFakeClock(sampled)
	c := &storedCluster{clock: clock}
	c.Store = store.New(c, usage.Staleness{MaxAge: time.Minute, Resolution: 15 * time.Second}, clock)
	c.relabel("blue")
	c.scrape(1)
	c.scrape(2)
	return c
}

// relabel replaces the objects of the same node and the same pod.
func (c *storedCluster) relabel(color string) {
	podCell, nodeCell := &usage.PodCell{}, &usage.NodeCell{}
	if c.pod != nil {
		podCell, nodeCell = c.pod.Usage, c.node.Usage
	}
	set := map[string]string{"color": color}
	c.node = &cluster.Node{Name: "n1", UID: "uid-n1", Labels: cluster.NewLabels(set), Usage: nodeCell}
	c.pod = &cluster.Pod{
		Namespace: "shop", Name: "web", UID: "uid-web", Labels: cluster.NewLabels(set),
		Node: "n1", Phase: corev1.PodRunning, Expected: []string{"web"}, Usage: podCell,
	}
}

// scrape puts a sample in which CPU time has reached so many seconds and memory so many MiB.
func (c *storedCluster) scrape(cpu uint64) {
	c.clock.Step(15 * time.Second)
	now := c.clock.Now().UnixNano()
	used := sample.Usage{
		CPU:    sample.Reading{Known: true, Time: now, Value: cpu * 1e9},
		Memory: sample.Reading{Known: true, Time: now, Value: cpu << 20},
	}
	c.Put(store.Identity{Name: "n1"}, &sample.Node{Usage: used, Pods: []sample.Pod{{
		Namespace: "shop", Name: "web", Containers: []sample.Container{{Name: "web", Usage: used}},
	}}})
}

func (c *storedCluster) Pod(string, string) (store.Expected, bool) {
	return store.Expected{Node: "n1", UID: c.pod.UID, Containers: c.pod.Expected, Usage: c.pod.Usage}, true
}

func (c *storedCluster) Node(string) (string, *usage.NodeCell, bool) {
	return c.node.UID, c.node.Usage, true
}

type (
	storedNodes struct{ *storedCluster }
	storedPods  struct{ *storedCluster }
)

func (c storedNodes) Get(string) (*cluster.Node, bool) { return c.node, true }
func (c storedNodes) List(context.Context, labels.Selector) ([]*cluster.Node, error) {
	return []*cluster.Node{c.node}, nil
}
func (c storedPods) Get(string, string) (*cluster.Pod, bool) { return c.pod, true }

func (c storedPods) List(context.Context, string, labels.Selector, cache.ObjectName, int) ([]*cluster.Pod, error) {
	return []*cluster.Pod{c.pod}, nil
}

func (c *storedCluster) readers() *apiserver.Readers {
	return &apiserver.Readers{
		Usage: c.Reader(), Nodes: storedNodes{c}, NodeMessages: nodeMessages{}, Pods: storedPods{c}, PodMessages: podMessages{},
	}
}

// encoded is the cache of the encoded object of a resource in a format.
func (c *storedCluster) encoded(resource, accept string) *usage.Encoded {
	json, protobuf := &c.pod.Usage.JSON, &c.pod.Usage.Protobuf
	if resource == "nodes" {
		json, protobuf = &c.node.Usage.JSON, &c.node.Usage.Protobuf
	}
	if accept == asJSON {
		return json
	}
	return protobuf
}

// cached is the cached encoding of what is served now; nil where there is none.
func (c *storedCluster) cached(resource, accept string) []byte {
	var cached []byte
	if resource == "nodes" {
		used, _ := c.Reader().Node(c.node.Usage)
		cached, _ = c.encoded(resource, accept).Get(c.node, used)
		return cached
	}
	used, _ := c.Reader().Pod(c.pod.Usage, "n1")
	cached, _ = c.encoded(resource, accept).Get(c.pod, used)
	return cached
}
