package app

import (
	"fmt"
	"net/http"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apiserver/pkg/server/healthz"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/component-base/metrics"
	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/scrape"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// registry takes what the server measures of itself.
type registry interface {
	Register(metrics.Registerable) error
	CustomRegister(metrics.StableCollector) error
}

// world is one cluster: what is known of it, the loops that look at its nodes, and the numbers that they bring.
type world struct {
	cluster *cluster.Cluster
	manager *scrape.Manager
	numbers *store.Store
}

// newWorld wires the data flow together, up to the numbers. Nothing runs yet.
func newWorld(config *options.Config, access *rest.Config, reg registry) (*world, error) {
	client, err := kubernetes.NewForConfig(access)
	if err != nil {
		return nil, fmt.Errorf("make a client of the API server: %w", err)
	}
	kubelets, err := kubeletAccess(config.Kubelet).HTTPClient(access)
	if err != nil {
		return nil, err
	}
	own, err := scrape.NewMetrics(reg.Register)
	if err != nil {
		return nil, err
	}
	kind := config.Scrape.Sources[0].Kind
	nodes := &targets{config: targetConfig(config, kind)}
	w := &world{
		cluster: cluster.New(client, config.Scrape.NodeSelector, nodes),
		numbers: store.New(config.Scrape.MaxAge, config.Scrape.Resolution, clock.RealClock{}),
	}
	w.manager = scrape.NewManager(w.scrapeConfig(config, kubelets, own))
	nodes.loops = w.manager
	if err := reg.CustomRegister(scrape.NewNodesCollector(map[string]*scrape.Manager{"": w.manager})); err != nil {
		return nil, fmt.Errorf("register the metric of nodes: %w", err)
	}
	return w, nil
}

func (w *world) scrapeConfig(config *options.Config, kubelets *http.Client, own *scrape.Metrics) scrape.Config {
	return scrape.Config{
		Sources: []scrape.Source{{
			Client:     kubelets,
			Timeout:    config.Kubelet.RequestTimeout,
			Resolution: config.Scrape.Resolution,
			Decode:     decoder(config.Scrape.Sources[0].Kind),
		}},
		DecodeSummary: decode.Summary,
		DecodeDisk:    decode.Disk,
		Pods:          expectations{w.cluster.Pods()},
		Sink:          w.numbers,
		Metrics:       own,
	}
}

// readers are what the API server shows of the world, and whether it has something to show.
func (w *world) readers() (apiserver.Readers, healthz.HealthChecker) {
	start := &warmUp{synced: w.cluster.Synced, progress: w.manager.Progress, served: w.served, clock: clock.RealClock{}}
	why := causes{warmUp: start, looks: w.manager, lacks: w.numbers}
	return apiserver.Readers{
		Nodes: w.cluster.Nodes(), NodeUsages: w.numbers, NodeCauses: nodeCauses{why},
		Pods: w.cluster.Pods(), PodUsages: w.numbers, PodCauses: podCauses{why},
	}, start.readyCheck()
}

// background is the work behind the readers.
func (w *world) background() []apiserver.Background {
	return []apiserver.Background{
		{Name: "cluster", Start: w.cluster.Start},
		{Name: "scrape", Start: w.manager.Start},
	}
}

// served is true where at least one node has numbers that may be served.
func (w *world) served() bool {
	return slices.ContainsFunc(w.cluster.Nodes().List(), func(n *corev1.Node) bool {
		_, ok := w.numbers.Node(n.Name)
		return ok
	})
}
