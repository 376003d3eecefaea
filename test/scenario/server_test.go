package scenario

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/component-base/metrics"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app"
	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/registry/nodemetrics"
	"github.com/plimsoll/plimsoll/pkg/registry/podmetrics"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/scrape"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

const (
	resolution    = 15 * time.Second
	defaultMaxAge = 4 * resolution
	// never is a resolution so long that no node is scraped by itself: a scenario commands every scrape.
	never = 100 * 365 * 24 * time.Hour
)

// server is one Plimsoll without its command and its listener: the product's own stack of one cluster.
type server struct {
	targets  *commandedTargets
	kubelets *kubelets
	registry metrics.KubeRegistry
	pods     *podmetrics.REST
	nodes    *nodemetrics.REST
	// pause holds the list of pods back, where the scenario lists them.
	pause *pausedPods
	// stop ends the background work, and waits for it.
	stop func()
	// counted has the values of the server's metrics after the last scrape.
	counted map[string]float64
}

// serverConfig has the options of a server that a scenario sets.
type serverConfig struct {
	maxAge time.Duration
	// extra are the extra resources that are served.
	extra sample.ResourceSet
	// latePods has the pods be listed by a command, and not before the first scrape.
	latePods bool
}

func newServer(t *testing.T, e endpoint, client kubernetes.Interface, c serverConfig) *server {
	s := &server{
		kubelets: &kubelets{t: t, responses: map[string]response{}, errors: map[string]response{}},
		registry: metrics.NewKubeRegistry(),
		counted:  map[string]float64{},
	}
	kubelets := &app.Kubelets{Extra: c.extra, Metrics: newMetrics(t, s.registry), NewClient: func(kubelet.Config, *rest.Config) (*kubelet.Client, error) {
		return s.kubelets.client(), nil
	}}
	sources := []source.Source{{
		Kind: e.kind, NodeSelector: labels.Everything(), Resolution: never,
		Kubelet: source.Kubelet{
			HTTPS: true, Port: 10250, AddressTypes: []corev1.NodeAddressType{corev1.NodeHostName}, RequestTimeout: 10 * time.Second,
		},
	}}
	stack, err := app.NewClusterStack(app.StackConfig{
		Client: client, Nodes: labels.Everything(), Staleness: usage.Staleness{MaxAge: c.maxAge, Resolution: resolution},
		NewCollector: func(watched *cluster.Cluster, to *store.Store) (app.Collector, error) {
			collector, err := kubelets.NewCollector(sources, &rest.Config{}, watched, to)
			if err != nil {
				return nil, err
			}
			s.targets = newCommandedTargets(collector.Targets)
			collector.Targets = s.targets
			if !c.latePods {
				return collector, nil
			}
			s.pause = &pausedPods{collector, make(chan struct{})}
			return s.pause, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := stack.Readers()
	s.nodes = nodemetrics.NewREST(r.Nodes, r.Usage, readyNodes{r.NodeMessages})
	s.pods = podmetrics.NewREST(r.Pods, r.Usage, readyPods{r.PodMessages})
	s.stop = run(t, stack.Background())
	return s
}

func newMetrics(t *testing.T, registry metrics.KubeRegistry) *scrape.Metrics {
	m, err := scrape.NewMetrics(registry.Register)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// run starts all background work; stop ends it.
func run(t *testing.T, all []apiserver.Background) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, len(all))
	for _, b := range all {
		go func() { done <- b.Start(ctx) }()
	}
	return func() {
		cancel()
		for range all {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
}
