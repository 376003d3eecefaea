// Package podmetrics serves the resource pods of metrics.k8s.io: what every running pod uses, container by container.
//
// It stands between the published usage and the API server. The pod's own object says which pods exist and
// what they are called; a pod without complete usage is not served, and the error says why.
package podmetrics

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/metrics/pkg/apis/metrics"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/registry/generic"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Pods are the pods of the cluster. The pods are shared and never changed.
type Pods interface {
	// Get returns the pod of that name; false where there is none.
	Get(namespace, name string) (*cluster.Pod, bool)
	// List returns the pods of a namespace, or all for "", that a selector matches, in the order of namespace and name. The slice is the
	// caller's. The error is that of the context, which ends the list.
	List(ctx context.Context, namespace string, selector labels.Selector) ([]*cluster.Pod, error)
}

// Causes are sentences for people about why there is no usage.
type Causes interface {
	// Pod is one sentence about why a pod that exists has no usage.
	Pod(pod *cluster.Pod) string
	// Warming is non-nil until the first responses are truthful, and says what is still awaited.
	Warming() error
}

// REST serves PodMetrics. It holds nothing of its own and is safe for concurrent use.
type REST struct {
	reader generic.Reader[*cluster.Pod, usage.Pod]
}

var (
	_ rest.Getter               = &REST{}
	_ rest.Lister               = &REST{}
	_ rest.Scoper               = &REST{}
	_ rest.SingularNameProvider = &REST{}
)

// NewREST returns the storage of the resource pods.
func NewREST(pods Pods, reader *usage.Reader, causes Causes) *REST {
	return &REST{reader: generic.Reader[*cluster.Pod, usage.Pod]{
		Resource: metrics.Resource("pods"),
		Kind:     kind(),
		Fields: generic.Fields[*cluster.Pod]{
			"metadata.name":      func(p *cluster.Pod) string { return p.Name },
			"metadata.namespace": func(p *cluster.Pod) string { return p.Namespace },
			"spec.nodeName":      func(p *cluster.Pod) string { return p.Node },
		},
		Find:    pods.Get,
		Select:  pods.List,
		Cell:    func(p *cluster.Pod) *usage.PodCell { return p.Usage },
		Read:    func(p *cluster.Pod) (*usage.Pod, bool) { return read(p, reader) },
		Version: reader.ResourceVersion,
		Cause: func(p *cluster.Pod) string {
			if ended(p) {
				return "the pod has ended, its phase is " + string(p.Phase)
			}
			return causes.Pod(p)
		},
		Warming: causes.Warming,
		Expects: expectsUsage,
		Expired: generic.ExpiredBy(causes),
	}}
}

// New returns an empty PodMetrics.
func (r *REST) New() runtime.Object { return &metrics.PodMetrics{} }

// NewList returns an empty PodMetricsList.
func (r *REST) NewList() runtime.Object { return &metrics.PodMetricsList{} }

// Destroy does nothing: the storage owns nothing.
func (r *REST) Destroy() {}

// NamespaceScoped is true: pods live in namespaces.
func (r *REST) NamespaceScoped() bool { return true }

// GetSingularName returns the lower-cased kind. "pod" would shadow the core resource in clients that resolve names.
func (r *REST) GetSingularName() string { return "podmetrics" }

// Get returns the usage of one pod, as a generic.Item. The errors are those of generic.Reader.
func (r *REST) Get(ctx context.Context, name string, _ *metav1.GetOptions) (runtime.Object, error) {
	pod, err := r.reader.Get(genericapirequest.NamespaceValue(ctx), name)
	if err != nil {
		return nil, err
	}
	return pod, nil
}

// List returns the usage of the pods that are selected and have some, as a generic.List. The errors are those of generic.Reader.
func (r *REST) List(ctx context.Context, options *internalversion.ListOptions) (runtime.Object, error) {
	list, err := r.reader.List(ctx, genericapirequest.NamespaceValue(ctx), options)
	if err != nil {
		return nil, err
	}
	return list, nil
}

// ConvertToTable prints what Get or List returned, a line for each pod.
func (r *REST) ConvertToTable(_ context.Context, object, options runtime.Object) (*metav1.Table, error) {
	return generic.Table(object, options, row)
}
