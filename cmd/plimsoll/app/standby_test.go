package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/rest"
	"k8s.io/component-base/metrics"
	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// TestEngineStandsBy has the collector of two sources, of kubelets and of an engine: the engine is asked for the node that the first source does not select, and
// not for the other one, whose scrapes do not fail.
func TestEngineStandsBy(t *testing.T) {
	queries := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.ParseForm() == nil {
			queries <- r.PostForm.Get("query")
		}
	}))
	defer server.Close()
	reg := metricsRegistry{Register: func(metrics.Registerable) error { return nil }, CustomRegister: func(metrics.StableCollector) error { return nil }}
	kubelets, err := newKubelets(&options.Config{}, reg)
	if err != nil {
		t.Fatal(err)
	}
	engines, err := newEngines(kubelets, reg)
	if err != nil {
		t.Fatal(err)
	}
	sources := []source.Source{
		{Kind: source.Resource, NodeSelector: labels.SelectorFromSet(labels.Set{"pool": "a"}), Resolution: time.Minute,
			Kubelet: source.Kubelet{HTTPS: true, Port: 10250, AddressTypes: []corev1.NodeAddressType{corev1.NodeInternalIP}, RequestTimeout: time.Second}},
		{Kind: source.Prometheus, NodeSelector: labels.Everything(), Resolution: time.Minute, Engine: source.Engine{
			URL: server.URL, NodeLabel: "node", Endpoint: source.EndpointAuto, Window: time.Minute, ShardSize: 1, RequestTimeout: time.Second,
		}},
	}
	watched := cluster.New(fake.NewClientset(), labels.Everything(), nil, cluster.Options{})
	stored := store.New(objects{watched}, usage.Staleness{MaxAge: time.Minute, Resolution: time.Minute}, clock.RealClock{})
	m, err := newMixedCollector(kubelets, engines, sources, &rest.Config{Host: "https://127.0.0.1:1"}, watched, stored)
	if err != nil {
		t.Fatal(err)
	}
	for _, pool := range []string{"a", "b"} {
		m.Set(cluster.StripNode(&corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: "n-" + pool, Labels: map[string]string{"pool": pool}},
			Status:     corev1.NodeStatus{Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "10.0.0.1"}}},
		}))
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- m.engines.Start(ctx) }() // Without the other one no scrape fails.
	const enough = time.Second                   // A shard is polled 200 ms after a node was added.
	for asked := 0; ; asked++ {
		select {
		case query := <-queries:
			if !strings.Contains(query, `node=~"n-b"`) { // A poll that is due may follow the first one.
				t.Errorf("the engine is asked %s", query)
			}
			continue
		case <-time.After(enough):
		}
		if asked == 0 {
			t.Error("the engine is not asked for the node that it alone has")
		}
		break
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
