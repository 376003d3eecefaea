// Package podmetrics serves the resource pods of metrics.k8s.io: what every running pod uses, container by container.
//
// It stands between the published usage and the API server. The pod's own object says which pods exist and
// what they are called; a pod without complete usage is not served, and the error says why.
package podmetrics

import (
	"context"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/cache"
	"k8s.io/metrics/pkg/apis/metrics"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/registry/generic"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Pods are the pods of the cluster. The pods are shared and never changed.
type Pods interface {
	// Get returns the pod of that name; false where there is none.
	Get(namespace, name string) (*cluster.Pod, bool)
	// List returns the pods of a namespace, or all for "", that a selector matches, in the order of namespace and name: those from a name on, and as
	// many as are wanted at the most, or all for 0. The slice is the caller's. The error is that of the context, which ends the list.
	List(ctx context.Context, namespace string, selector labels.Selector, from cache.ObjectName, most int) ([]*cluster.Pod, error)
}

// Messages explain to people why there is no usage.
type Messages interface {
	generic.Availability
	// Pod is one sentence about why a pod that exists and has not ended has no usage.
	Pod(pod *cluster.Pod) string
}

// REST serves PodMetrics.
type REST = generic.REST[*cluster.Pod, usage.Pod]

// NewREST returns the storage of the resource pods.
func NewREST(pods Pods, reader *usage.Reader, messages Messages) *REST {
	unobserved := reader.OnEachRead(nil)
	return &REST{
		Resource:   metrics.Resource("pods"),
		Singular:   "podmetrics", // "pod" would shadow the core resource in clients that resolve names.
		Short:      "pom",
		Namespaced: true,
		Encoding:   encoding(),
		Row:        row,
		Now:        reader.Now,
		Fields: generic.Fields[*cluster.Pod]{
			"metadata.name":      func(p *cluster.Pod) string { return p.Name },
			"metadata.namespace": func(p *cluster.Pod) string { return p.Namespace },
			"spec.nodeName":      func(p *cluster.Pod) string { return p.Node },
		},
		Key:    func(p *cluster.Pod) generic.Key { return generic.Key{Namespace: p.Namespace, Name: p.Name} },
		Find:   pods.Get,
		Select: pods.List,
		Cell:   func(p *cluster.Pod) *usage.PodCell { return p.Usage },
		Read:   func(p *cluster.Pod) (*usage.Pod, bool) { return read(p, reader) },
		Has: func(p *cluster.Pod) bool {
			_, ok := read(p, unobserved)
			return ok
		},
		Version: reader.ResourceVersion,
		Message: func(p *cluster.Pod) string {
			if p.Ended() {
				return cause.PodEnded.About(string(p.Phase))
			}
			return messages.Pod(p)
		},
		Expects:      expectsUsage,
		Availability: messages,
	}
}
