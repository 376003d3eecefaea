package scenario

import (
	"context"
	"net/http"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"
	"k8s.io/component-base/metrics"
	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/registry/nodemetrics"
	"github.com/plimsoll/plimsoll/pkg/registry/podmetrics"
	"github.com/plimsoll/plimsoll/pkg/scrape"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/target"
)

const (
	// defaultMaxAge is four resolutions of 15 seconds.
	defaultMaxAge = time.Minute
	// never is a resolution so long that no loop looks by itself: a scenario commands every look.
	never = 100 * 365 * 24 * time.Hour
)

// server is one Plimsoll, less its command and its listener.
type server struct {
	cluster  *cluster.Cluster
	targets  *targets
	manager  *scrape.Manager
	store    *store.Store
	kubelets *kubelets
	registry metrics.KubeRegistry
	pods     *podmetrics.REST
	nodes    *nodemetrics.REST
	// stop ends the informers and the loops, and waits for them.
	stop func()
	// counted is what the server's metrics said after the last scrape.
	counted map[string]float64
}

// serverConfig is what a scenario chooses of a server.
type serverConfig struct {
	maxAge time.Duration
	// swap and disks ask for the use of swap space and of local disks.
	swap, disks bool
}

func newServer(t *testing.T, e endpoint, client kubernetes.Interface, c serverConfig) *server {
	s := &server{
		store:    store.New(c.maxAge, 15*time.Second, clock.RealClock{}),
		kubelets: &kubelets{t: t, answers: map[string]answer{}, refused: map[string]answer{}},
		registry: metrics.NewKubeRegistry(),
		counted:  map[string]float64{},
	}
	s.targets = &targets{
		config: target.Config{
			Scheme: "https", Path: e.path, Port: 10250, AddressTypes: []corev1.NodeAddressType{corev1.NodeHostName}, Swap: c.swap, Disk: c.disks,
		},
		nodes:    map[string]target.Target{},
		followed: map[string]bool{},
		further:  map[string]further{},
	}
	s.cluster = cluster.New(client, labels.Everything(), s.targets)
	known := expectations{s.cluster.Pods()}
	s.manager = scrape.NewManager(scrape.Config{
		Sources: []scrape.Source{{
			Client: &http.Client{Transport: s.kubelets}, Timeout: 10 * time.Second, Resolution: never, NewDecoder: e.decoder(known),
		}},
		DecodeSummary: decode.SummaryDecoder{Filter: known}.Decode,
		DecodeDisk:    decode.DiskDecoder{Filter: known}.Decode,
		Pods:          known,
		Sink:          s.store,
		Metrics:       newMetrics(t, s.registry),
	})
	s.targets.manager = s.manager
	s.nodes = nodemetrics.NewREST(s.cluster.Nodes(), s.store, nodeCauses{s})
	s.pods = podmetrics.NewREST(s.cluster.Pods(), s.store, podCauses{s})
	s.stop = run(t, s.cluster.Start, s.manager.Start)
	return s
}

func newMetrics(t *testing.T, registry metrics.KubeRegistry) *scrape.Metrics {
	m, err := scrape.NewMetrics(registry.Register)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// run starts all and returns how to end them.
func run(t *testing.T, all ...func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, len(all))
	for _, start := range all {
		go func() { done <- start(ctx) }()
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
