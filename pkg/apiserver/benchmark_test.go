package apiserver_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// crowd is a world with many pods, all of which have numbers.
type crowd struct {
	worldPods
	pods []*cluster.Pod
	// looks are what two looks in turn say of every pod, and newest which of them is newer.
	looks  [2]*usage.Pod
	newest *int
}

const crowdSize = 1000

func newCrowd() crowd {
	c := crowd{pods: make([]*cluster.Pod, crowdSize), looks: [2]*usage.Pod{usedBy("web"), usedBy("web")}, newest: new(int)}
	for i := range c.pods {
		name := fmt.Sprintf("workload-%d", i)
		c.pods[i] = &cluster.Pod{
			Namespace: "shop", Name: name, UID: "uid-" + name,
			Created: created.Unix(), Labels: cluster.NewLabels(map[string]string{"app": name}),
			Node: "n1", Phase: corev1.PodRunning, Expected: []string{"web"}, Usage: &usage.PodCell{},
		}
	}
	c.publish()
	return c
}

func (c crowd) List(_ context.Context, _ string, selector labels.Selector) ([]*cluster.Pod, error) {
	if selector.Empty() {
		return c.pods, nil
	}
	return slices.DeleteFunc(slices.Clone(c.pods), func(p *cluster.Pod) bool { return !selector.Matches(p.Labels) }), nil
}

func (c crowd) Get(_, name string) (*cluster.Pod, bool) {
	return first(c.pods, func(p *cluster.Pod) bool { return p.Name == name })
}

// publish publishes the newest usage of every pod.
func (c crowd) publish() {
	for _, p := range c.pods {
		p.Usage.Publish(c.looks[*c.newest], fresh())
	}
}

func (c crowd) config() *apiserver.Config {
	config := c.world.config()
	config.Extra.Home.Pods = c
	return config
}

// BenchmarkAnswer is a whole answer, from the request to the bytes, without the network, authentication and authorization.
func BenchmarkAnswer(b *testing.B) {
	c := newCrowd()
	server, err := c.config().Complete().New("benchmark")
	if err != nil {
		b.Fatal(err)
	}
	h := server.Handler()
	for _, bb := range []struct {
		name, path, accept string
		// looks is how many looks there are between two answers.
		looks int
	}{
		{"one pod as JSON", "v1beta1/namespaces/shop/pods/workload-0", asJSON, 0},
		{"one pod as protobuf", "v1beta1/namespaces/shop/pods/workload-0", asProtobuf, 0},
		{"thousand pods as JSON", "v1beta1/pods", asJSON, 0},
		{"thousand pods as protobuf", "v1beta1/pods", asProtobuf, 0},
		{"thousand pods of new numbers as JSON", "v1beta1/pods", asJSON, 1},
		{"thousand pods of new numbers as protobuf", "v1beta1/pods", asProtobuf, 1},
		{"one of a thousand by label", "v1beta1/namespaces/shop/pods?labelSelector=app%3Dworkload-1", asProtobuf, 0},
		{"nodes as JSON", "v1beta1/nodes", asJSON, 0},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if bb.looks > 0 {
					*c.newest = (*c.newest + bb.looks) % len(c.looks)
					c.publish()
				}
				answer := get(b.Context(), h, apisMetrics+bb.path, bb.accept)
				if answer.Code != http.StatusOK {
					b.Fatalf("%d %s", answer.Code, answer.Body)
				}
				b.SetBytes(int64(answer.Body.Len()))
			}
		})
	}
}
