package apiserver_test

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// living is a world of one node and one pod, whose numbers are those of a real store.
type living struct {
	*store.Store
	clock *clocktesting.FakeClock
	node  *cluster.Node
	pod   *cluster.Pod
}

func newLiving() *living {
	clock := clocktesting.NewFakeClock(sampled)
	l := &living{clock: clock}
	l.Store = store.New(l, usage.Staleness{MaxAge: time.Minute, Resolution: 15 * time.Second}, clock)
	l.relabel("blue")
	l.look(1)
	l.look(2)
	return l
}

// relabel has other objects be known of the same node and the same life of the pod.
func (l *living) relabel(color string) {
	podCell, nodeCell := &usage.PodCell{}, &usage.NodeCell{}
	if l.pod != nil {
		podCell, nodeCell = l.pod.Usage, l.node.Usage
	}
	set := map[string]string{"color": color}
	l.node = &cluster.Node{Name: "n1", UID: "uid-n1", Labels: cluster.NewLabels(set), Usage: nodeCell}
	l.pod = &cluster.Pod{
		Namespace: "shop", Name: "web", UID: "uid-web", Labels: cluster.NewLabels(set),
		Node: "n1", Phase: corev1.PodRunning, Expected: []string{"web"}, Usage: podCell,
	}
}

// look has the node's kubelet tell what was used after so many looks.
func (l *living) look(cpu uint64) {
	l.clock.Step(15 * time.Second)
	now := l.clock.Now().UnixNano()
	used := sample.Usage{
		CPU:    sample.Reading{Known: true, Time: now, Value: cpu * 1e9},
		Memory: sample.Reading{Known: true, Time: now, Value: cpu << 20},
	}
	l.Put(store.Identity{Name: "n1"}, &sample.Node{Usage: used, Pods: []sample.Pod{{
		Namespace: "shop", Name: "web", Containers: []sample.Container{{Name: "web", Usage: used}},
	}}})
}

func (l *living) Pod(string, string) (store.Expected, bool) {
	return store.Expected{Node: "n1", UID: l.pod.UID, Containers: l.pod.Expected, Usage: l.pod.Usage}, true
}

func (l *living) Node(string) (string, *usage.NodeCell, bool) { return l.node.UID, l.node.Usage, true }

type (
	livingNodes struct{ *living }
	livingPods  struct{ *living }
)

func (l livingNodes) Get(string) (*cluster.Node, bool) { return l.node, true }
func (l livingNodes) List(context.Context, labels.Selector) ([]*cluster.Node, error) {
	return []*cluster.Node{l.node}, nil
}
func (l livingPods) Get(string, string) (*cluster.Pod, bool) { return l.pod, true }

func (l livingPods) List(context.Context, string, labels.Selector) ([]*cluster.Pod, error) {
	return []*cluster.Pod{l.pod}, nil
}

func (l *living) readers() *apiserver.Readers {
	return &apiserver.Readers{
		Usage: l.Reader(), Nodes: livingNodes{l}, NodeCauses: nodeCauses{}, Pods: livingPods{l}, PodCauses: podCauses{},
	}
}

// memo is where the text of a resource is kept in a format.
func (l *living) memo(resource, accept string) *usage.Encoded {
	json, protobuf := &l.pod.Usage.JSON, &l.pod.Usage.Protobuf
	if resource == "nodes" {
		json, protobuf = &l.node.Usage.JSON, &l.node.Usage.Protobuf
	}
	if accept == asJSON {
		return json
	}
	return protobuf
}

// kept is the text that is kept of what is served now; nil where there is none.
func (l *living) kept(resource, accept string) []byte {
	var text []byte
	if resource == "nodes" {
		used, _ := l.Reader().Node(l.node.Usage)
		text, _ = l.memo(resource, accept).Get(l.node, used)
		return text
	}
	used, _ := l.Reader().Pod(l.pod.Usage, "n1")
	text, _ = l.memo(resource, accept).Get(l.pod, used)
	return text
}
