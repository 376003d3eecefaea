package apiserver_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// randomCluster is a cluster of many nodes and pods, no two alike: with and without labels, extra resources and a creation time. One in five has no usage.
// Usage does not change.
type randomCluster struct {
	fakeCluster
	nodes []*cluster.Node
	pods  []*cluster.Pod
}

func newRandomCluster(nodes, podsPerNamespace int) *randomCluster {
	r := rand.New(rand.NewPCG(1, 2))
	a := &randomCluster{}
	for i := range nodes {
		a.addNode(r, fmt.Sprintf("node-%04d", i))
	}
	for _, namespace := range []string{"office", "shop"} {
		for i := range podsPerNamespace {
			a.addPod(r, namespace, fmt.Sprintf("pod-%04d", i))
		}
	}
	return a
}

func (a *randomCluster) addNode(r *rand.Rand, name string) {
	n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID("uid-" + name), Labels: anyLabels(r)}}
	if r.IntN(3) > 0 {
		n.CreationTimestamp = metav1.NewTime(created)
	}
	node := cluster.StripNode(n)
	a.nodes = append(a.nodes, node)
	if r.IntN(5) > 0 {
		node.Usage.Publish(&usage.Node{
			Time: sampled, Window: anyWindow(r), CPU: anyValue(r), Memory: anyValue(r), ResourceVersion: r.Uint64(),
			Extra: anyExtras(r),
		}, fresh())
	}
}

func (a *randomCluster) addPod(r *rand.Rand, namespace, name string) {
	p := &cluster.Pod{
		Namespace: namespace, Name: name, UID: "uid-" + name, Created: uint32(r.IntN(2)) * uint32(created.Unix()),
		Labels: cluster.NewLabels(anyLabels(r)), Node: "n1", Phase: corev1.PodRunning, Usage: &usage.PodCell{},
	}
	u := &usage.Pod{Node: p.Node, Time: sampled.Add(time.Duration(r.IntN(1e9))), Window: anyWindow(r), ResourceVersion: r.Uint64()}
	for i := range 1 + r.IntN(3) {
		c := usage.Container{
			Name: fmt.Sprintf("c%d", i), CPU: anyValue(r), Memory: anyValue(r),
			Extra: anyExtras(r),
		}
		p.Expected, u.Containers = append(p.Expected, c.Name), append(u.Containers, c)
	}
	a.pods = append(a.pods, p)
	if r.IntN(5) > 0 {
		p.Usage.Publish(u, fresh())
	}
}

// anyExtras are extra resources of all kinds, each of them or not.
func anyExtras(r *rand.Rand) (all usage.Extras) {
	for resource := range sample.AllResources.All() {
		if r.IntN(2) == 0 {
			all = all.Add(resource, anyValue(r))
		}
	}
	return all
}

// anyLabels are none to three labels, some with long values.
func anyLabels(r *rand.Rand) map[string]string {
	var out map[string]string
	for _, key := range []string{"app", "app.kubernetes.io/name", "tier"}[r.IntN(4):] {
		if out == nil {
			out = map[string]string{}
		}
		out[key] = strings.Repeat("v", 1+r.IntN(63))
	}
	return out
}

func anyValue(r *rand.Rand) uint64 { return r.Uint64() >> (1 + r.IntN(63)) / 1000 * 1000 }

func anyWindow(r *rand.Rand) time.Duration { return time.Duration(1 + r.Int64N(int64(time.Minute))) }

func (a *randomCluster) readers() *apiserver.Readers {
	return &apiserver.Readers{
		Usage: reader(), Nodes: randomNodes{a}, NodeMessages: nodeMessages{}, Pods: randomPods{a}, PodMessages: podMessages{},
	}
}

type randomNodes struct{ *randomCluster }

func (a randomNodes) Get(name string) (*cluster.Node, bool) {
	return first(a.nodes, func(n *cluster.Node) bool { return n.Name == name })
}

func (a randomNodes) List(_ context.Context, selector labels.Selector) ([]*cluster.Node, error) {
	return slices.DeleteFunc(slices.Clone(a.nodes), func(n *cluster.Node) bool { return !selector.Matches(n.Labels) }), nil
}

type randomPods struct{ *randomCluster }

func (a randomPods) Get(namespace, name string) (*cluster.Pod, bool) {
	return first(a.pods, func(p *cluster.Pod) bool { return p.Namespace == namespace && p.Name == name })
}

func (a randomPods) List(_ context.Context, namespace string, selector labels.Selector, _ cache.ObjectName, _ int) ([]*cluster.Pod, error) {
	return slices.DeleteFunc(slices.Clone(a.pods), func(p *cluster.Pod) bool {
		return namespace != "" && p.Namespace != namespace || !selector.Matches(p.Labels)
	}), nil
}
