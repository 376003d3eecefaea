package cluster

import (
	"context"
	"fmt"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
)

// podList is a list of pods that were stripped while it arrived. To the library it is a list like any other.
type podList struct {
	metav1.ListMeta
	Items []runtime.Object
}

var _ metav1.ListInterface = &podList{}

// GetObjectKind implements runtime.Object.
func (l *podList) GetObjectKind() schema.ObjectKind { return schema.EmptyObjectKind }

// DeepCopyObject implements runtime.Object. What the list holds is shared and never changed.
func (l *podList) DeepCopyObject() runtime.Object {
	return &podList{ListMeta: *l.ListMeta.DeepCopy(), Items: append([]runtime.Object(nil), l.Items...)}
}

// listed is a stripped pod in a podList.
type listed struct{ *Pod }

// GetObjectKind implements runtime.Object.
func (l listed) GetObjectKind() schema.ObjectKind { return schema.EmptyObjectKind }

// DeepCopyObject implements runtime.Object. Pods are shared and never changed.
func (l listed) DeepCopyObject() runtime.Object { return l }

// podLister lists pods. It is used by one reflector.
type podLister struct {
	client kubernetes.Interface
	// cut is true once an answer broke off. The API server gives up after a minute: where this process has so little of a core that reading
	// takes longer, only pages get through.
	cut atomic.Bool
}

// pageSize is how many pods a page has.
const pageSize = 500

// list asks for one page of pods, or all of them. A list from the API server's cache costs it a fifth of what it costs to send the same
// pods as the first events of a watch: it is compressed, and no pod is wrapped into an event of its own.
func (p *podLister) list(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
	api := p.client.CoreV1().RESTClient()
	if c, ok := api.(*rest.RESTClient); ok && c == nil {
		return p.client.CoreV1().Pods(metav1.NamespaceAll).List(ctx, o) // Only a client that is simulated has nothing to stream.
	}
	if p.cut.Load() {
		o.ResourceVersion, o.ResourceVersionMatch, o.Limit = "", "", pageSize
	}
	answer, err := api.Get().Resource("pods").VersionedParams(&o, scheme.ParameterCodec).
		SetHeader("Accept", runtime.ContentTypeProtobuf).Stream(ctx)
	if err != nil {
		return nil, err // The library reads its kind.
	}
	defer answer.Close()
	list := &podList{}
	list.ListMeta, err = readPods(answer, func(pod *corev1.Pod) { list.Items = append(list.Items, listed{Strip(pod)}) })
	if err != nil {
		p.cut.Store(true)
		return nil, fmt.Errorf("read the list of pods: %w", err)
	}
	return list, nil
}
