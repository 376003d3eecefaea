package apiserver_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// crowd is a world with many pods, all of which have numbers.
type crowd struct {
	worldPods
	pods []*cluster.Pod
	used *store.PodUsage
}

const crowdSize = 1000

func newCrowd() crowd {
	c := crowd{pods: make([]*cluster.Pod, crowdSize), used: usedBy("web")}
	for i := range c.pods {
		name := fmt.Sprintf("workload-%d", i)
		c.pods[i] = &cluster.Pod{
			Namespace: "shop", Name: name, UID: "uid-" + name,
			Created: created.Unix(), Labels: cluster.NewLabels(map[string]string{"app": name}),
			Node: "n1", Phase: corev1.PodRunning, Expected: []string{"web"}, Answer: &store.PodSlot{},
		}
	}
	return c
}

func (c crowd) List(_ string, selector labels.Selector) []*cluster.Pod {
	if selector.Empty() {
		return c.pods
	}
	return slices.DeleteFunc(slices.Clone(c.pods), func(p *cluster.Pod) bool { return !selector.Matches(p.Labels) })
}

func (c crowd) Get(_, name string) (*cluster.Pod, bool) {
	return first(c.pods, func(p *cluster.Pod) bool { return p.Name == name })
}

func (c crowd) Pod(*store.PodSlot, string) (*store.PodUsage, bool) { return c.used, true }

func (c crowd) config() *apiserver.Config {
	config := c.world.config()
	config.Extra.Home.Pods, config.Extra.Home.PodUsages = c, c
	return config
}

// BenchmarkAnswer is a whole answer, from the request to the bytes, without the network, authentication and authorization.
func BenchmarkAnswer(b *testing.B) {
	server, err := newCrowd().config().Complete().New("benchmark")
	if err != nil {
		b.Fatal(err)
	}
	h := server.Handler()
	for _, bb := range []struct{ name, path, accept string }{
		{"one pod as JSON", "v1beta1/namespaces/shop/pods/workload-0", asJSON},
		{"one pod as protobuf", "v1beta1/namespaces/shop/pods/workload-0", asProtobuf},
		{"thousand pods as JSON", "v1beta1/pods", asJSON},
		{"thousand pods as protobuf", "v1beta1/pods", asProtobuf},
		{"one of a thousand by label", "v1beta1/namespaces/shop/pods?labelSelector=app%3Dworkload-1", asProtobuf},
		{"nodes as JSON", "v1beta1/nodes", asJSON},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				answer := get(b.Context(), h, apisMetrics+bb.path, bb.accept)
				if answer.Code != http.StatusOK {
					b.Fatalf("%d %s", answer.Code, answer.Body)
				}
				b.SetBytes(int64(answer.Body.Len()))
			}
		})
	}
}
