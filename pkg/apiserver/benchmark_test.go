package apiserver_test

import (
	"fmt"
	"net/http"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// crowd is a world with many pods, all of which have numbers.
type crowd struct {
	worldPods
	pods []*cluster.Pod
}

const crowdSize = 1000

func newCrowd() crowd {
	c := crowd{pods: make([]*cluster.Pod, crowdSize)}
	for i := range c.pods {
		name := fmt.Sprintf("workload-%d", i)
		c.pods[i] = &cluster.Pod{ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: name, UID: types.UID("uid-" + name),
			CreationTimestamp: metav1.NewTime(created), Labels: map[string]string{"app": name},
		}, Node: "n1", Phase: corev1.PodRunning}
	}
	return c
}

func (c crowd) List(string) []*cluster.Pod { return append([]*cluster.Pod(nil), c.pods...) }

func (c crowd) Get(_, name string) (*cluster.Pod, bool) {
	return first(c.pods, func(p *cluster.Pod) bool { return p.Name == name })
}

func (c crowd) Pod(string, string, string, string) (store.PodUsage, bool) {
	return c.worldPods.Pod("n1", "shop", "web", "uid-web")
}

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
