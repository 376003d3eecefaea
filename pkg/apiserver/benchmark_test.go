package apiserver_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/cache"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// manyPods is a fakeCluster with many pods, each of which has usage.
type manyPods struct {
	fakePods
	pods []*cluster.Pod
	// values are the usages of every pod that are published in turn, and current is the index of the one that is published now.
	values  [2]*usage.Pod
	current *int
}

const manyPodsCount = 1000

func newManyPods() manyPods {
	c := manyPods{pods: make([]*cluster.Pod, manyPodsCount), values: [2]*usage.Pod{usedBy("web"), usedBy("web")}, current: new(int)}
	for i := range c.pods {
		name := fmt.Sprintf("workload-%d", i)
		c.pods[i] = &cluster.Pod{
			Namespace: "shop", Name: name, UID: "uid-" + name,
			Created: uint32(created.Unix()), Labels: cluster.NewLabels(map[string]string{"app": name}),
			Node: "n1", Phase: corev1.PodRunning, Expected: []string{"web"}, Usage: &usage.PodCell{},
		}
	}
	c.publish()
	return c
}

func (c manyPods) List(_ context.Context, _ string, selector labels.Selector, _ cache.ObjectName, _ int) ([]*cluster.Pod, error) {
	if selector.Empty() {
		return c.pods, nil
	}
	return slices.DeleteFunc(slices.Clone(c.pods), func(p *cluster.Pod) bool { return !selector.Matches(p.Labels) }), nil
}

func (c manyPods) Get(_, name string) (*cluster.Pod, bool) {
	return first(c.pods, func(p *cluster.Pod) bool { return p.Name == name })
}

// publish publishes the current usage of every pod.
func (c manyPods) publish() {
	for _, p := range c.pods {
		p.Usage.Publish(c.values[*c.current], fresh())
	}
}

func (c manyPods) config() *apiserver.Config {
	config := c.fakeCluster.config()
	config.Extra.Home.Pods = c
	return config
}

// BenchmarkResponse is a complete response, from the request to the bytes, without the network, authentication and authorization.
func BenchmarkResponse(b *testing.B) {
	c := newManyPods()
	server, err := c.config().Complete().New("benchmark")
	if err != nil {
		b.Fatal(err)
	}
	h := server.Handler()
	for _, bb := range []struct {
		name, path, accept string
		// scrapes is how many scrapes there are between two responses.
		scrapes int
	}{
		{"one pod as JSON", "v1beta1/namespaces/shop/pods/workload-0", asJSON, 0},
		{"one pod as protobuf", "v1beta1/namespaces/shop/pods/workload-0", asProtobuf, 0},
		{"thousand pods as JSON", "v1beta1/pods", asJSON, 0},
		{"thousand pods as protobuf", "v1beta1/pods", asProtobuf, 0},
		{"thousand pods with new usage as JSON", "v1beta1/pods", asJSON, 1},
		{"thousand pods with new usage as protobuf", "v1beta1/pods", asProtobuf, 1},
		{"one of a thousand by label", "v1beta1/namespaces/shop/pods?labelSelector=app%3Dworkload-1", asProtobuf, 0},
		{"nodes as JSON", "v1beta1/nodes", asJSON, 0},
		{"thousand pods as a table", "v1/pods", asTable, 0},
		{"a page of a hundred of a thousand pods as a table", "v1/pods?limit=100", asTable, 0},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if bb.scrapes > 0 {
					*c.current = (*c.current + bb.scrapes) % len(c.values)
					c.publish()
				}
				response := get(b.Context(), h, apisMetrics+bb.path, bb.accept)
				if response.Code != http.StatusOK {
					b.Fatalf("%d %s", response.Code, response.Body)
				}
				b.SetBytes(int64(response.Body.Len()))
			}
		})
	}
}
