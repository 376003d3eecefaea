package app

import (
	"fmt"
	"os"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/scrape"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// StackConfig is what the stack of one cluster is built from. Every field is needed unless its comment says otherwise.
type StackConfig struct {
	// Name is the cluster's; empty for the home cluster.
	Name string
	// Client reaches the cluster's API server.
	Client kubernetes.Interface
	// Sources are those of the cluster, in order: a node belongs to the first one that selects it.
	Sources []StackSource
	// MaxAge is how long the newest usage of a node is served while scrapes fail; with 0 a failed scrape leaves none.
	MaxAge time.Duration
	// Metrics count the scrapes of this cluster.
	Metrics *scrape.Metrics
	// Observer is informed of the scrapes; nil for none.
	Observer scrape.Observer
	// Compress has large API responses compressed for clients that accept it.
	Compress bool
	// Resolution is how often the store expects a scrape of each node; 0 for the longest resolution of the sources. Tests that decide when a node is
	// scraped set it.
	Resolution time.Duration
	// Intercept stands between the node watch and the scraper, for tests that decide when a node is scraped; nil for no interception.
	Intercept func(TargetHandler) TargetHandler
}

// StackSource is one source of a cluster.
type StackSource struct {
	// Selector matches the labels of the source's nodes.
	Selector labels.Selector
	// Target describes where the kubelets of these nodes are, Client sends requests to them.
	Target target.Config
	Client *kubelet.Client
	// Kind is the kubelet endpoint that is read.
	Kind source.Kind
	// Timeout limits one scrape, Resolution is the time from one scrape of a node to the next.
	Timeout, Resolution time.Duration
}

// newStackConfig turns the sources of one cluster into the configuration of its stack: it makes the clients of the API server and of the kubelets. The memory bounds
// large responses of kubelets over all clusters of the process.
func newStackConfig(config *options.Config, sources []source.Source, memory *kubelet.Memory) (StackConfig, error) {
	name := sources[0].Cluster
	access, err := options.RESTConfig(sources[0].API)
	if err != nil {
		return StackConfig{}, err
	}
	client, err := kubernetes.NewForConfig(access)
	if err != nil {
		return StackConfig{}, fmt.Errorf("make a client of the API server: %w", err)
	}
	apiServers, err := options.APIServers(access, environmentOf(name))
	if err != nil {
		return StackConfig{}, err
	}
	c := StackConfig{
		Name: name, Client: client, Compress: config.CompressAnswers,
	}
	for _, s := range sources {
		kubelets, err := kubelet.NewClient(kubeletConfig(s.Kubelet, apiServers), access, memory)
		if err != nil {
			return StackConfig{}, fmt.Errorf("source %v: %w", s, err)
		}
		c.Sources = append(c.Sources, StackSource{
			Selector: s.NodeSelector, Target: targetConfig(s, config.ExtraResources, apiServers), Client: kubelets,
			Kind: s.Kind, Timeout: s.Kubelet.RequestTimeout, Resolution: s.Resolution,
		})
	}
	c.MaxAge = config.MaxAgeAt(maxResolution(c.Sources))
	return c, nil
}

// environmentOf looks variables up in the environment of the process, which is about the home cluster: for another cluster none is set.
func environmentOf(cluster string) func(string) string {
	if cluster == "" {
		return os.Getenv
	}
	return func(string) string { return "" }
}

func kubeletConfig(k source.Kubelet, apiServers []target.Endpoint) kubelet.Config {
	return kubelet.Config{
		CAFile: k.CAFile, CertFile: k.CertFile, KeyFile: k.KeyFile, InsecureTLS: k.InsecureTLS, Plain: !k.HTTPS,
		Policy: target.Policy{AllowLocal: k.AllowLocalAddresses, APIServers: apiServers},
	}
}

// byCluster groups the sources by cluster, in the order in which they were given.
func byCluster(sources []source.Source) (clusters [][]source.Source) {
	index := map[string]int{}
	for _, s := range sources {
		i, known := index[s.Cluster]
		if !known {
			i = len(clusters)
			index[s.Cluster] = i
			clusters = append(clusters, nil)
		}
		clusters[i] = append(clusters[i], s)
	}
	return clusters
}
