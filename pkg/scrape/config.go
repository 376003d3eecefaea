package scrape

import (
	"context"
	"time"

	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// Config is what a Manager is made of. Every field is needed unless its comment says otherwise.
type Config struct {
	// Sources are the ways to scrape kubelets. A target refers to its own by the index.
	Sources []Source
	// SummaryDecoder decodes the responses of a target's SummaryURL. It is safe for concurrent use.
	SummaryDecoder Decoder
	// Extra are the extra resources that are served. ExtraDecoder returns a decoder of responses with those of one endpoint.
	Extra        sample.ResourceSet
	ExtraDecoder func(from sample.Endpoint) Decoder
	Pods         Pods
	// PodsKnown is closed once Pods has the list of pods; nil where it always had.
	PodsKnown <-chan struct{}
	Store     Store
	Metrics   *Metrics
	// Recorder is informed of scrapes; nil for none.
	Recorder Recorder
}

// Source is one way to scrape kubelets. Every field is needed.
type Source struct {
	// Name is the source as it was given, without secrets.
	Name string
	// Client sends requests to the kubelets.
	Client *kubelet.Client
	// Timeout bounds one request, Resolution is the time from one scrape of a node to the next.
	Timeout, Resolution time.Duration
	// NewDecoder returns a decoder of the responses of a target's URL, for one node.
	NewDecoder func() Decoder
}

// Decoder decodes the responses of one node to samples. It may remember the latest response, and is used by one goroutine at a time.
type Decoder interface {
	// Decode makes n a sample of the body, which it does not keep; it may reuse the memory of n's slices. It accepts any input. Where the context
	// ends it returns the context's cause.
	Decode(ctx context.Context, body []byte, n *sample.Node) error
}

// Store receives samples. Package store implements it.
type Store interface {
	// Put accepts the sample of one node, and keeps nothing of it but strings.
	Put(store.Identity, *sample.Node) store.PutResult
	// PutKubeletRates gives the kubelet's own rates to what was complete but for a rate in the latest sample, and returns how many still have none.
	PutKubeletRates(store.Identity, *sample.Node) int
	// MatchPods publishes what the latest sample of a node has of pods that were unknown when it was put.
	MatchPods(store.Identity) store.PutResult
	// PutExtra accepts the extra resources that an endpoint of the kubelet reported, which is requested once per interval, and returns what it
	// rejected.
	PutExtra(id store.Identity, from sample.Endpoint, n *sample.Node, interval time.Duration) sample.Rejections
	// Fail reports that a scrape of the node failed.
	Fail(node string)
	// Delete forgets the node.
	Delete(node string)
}

// Details receives the details of nodes, their pods and containers.
type Details interface {
	// PutDetails takes those of one response, and keeps nothing of it but strings. It must not block.
	PutDetails(node string, n *sample.Node)
}

// Pods has the pods of the cluster.
type Pods interface {
	// Running is true where a pod that runs is bound to the node.
	Running(node string) bool
}

// Recorder is informed of scrapes. Its methods must not block.
type Recorder interface {
	// Scraped reports that a scrape of a node has ended now, and how long it took from the request to the store.
	Scraped(node string, took time.Duration, succeeded bool)
	// Removed reports that a node is scraped no more. No scrape of it is reported after that, unless it is set again.
	Removed(node string)
}
