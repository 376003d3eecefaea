package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
)

// podLister lists pods. It is used by one reflector.
type podLister struct {
	client kubernetes.Interface
	// options are those of the cluster.
	options Options
	// cut is true once a response broke off. The API server gives up after a minute: where this process has so little of a core that reading
	// takes longer, only pages get through.
	cut atomic.Bool
	// negotiates is true once the API server turned out to send no protobuf: from then on the library lists, in a format that both know.
	negotiates atomic.Bool
}

// pageSize is how many pods a page has.
const pageSize = 500

// list requests one page of pods, or all of them. A list from the API server's cache costs it a fifth of what it costs to send the same
// pods as the first events of a watch: it is compressed, and no pod is wrapped into an event of its own.
func (p *podLister) list(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
	api := p.client.CoreV1().RESTClient()
	if c, ok := api.(*rest.RESTClient); ok && c == nil {
		return p.client.CoreV1().Pods(metav1.NamespaceAll).List(ctx, o) // Only a client that is simulated has nothing to stream.
	}
	switch {
	case p.negotiates.Load():
		return p.negotiated(ctx, o)
	case p.cut.Load():
		list, err := p.streamed(ctx, api, paged(o))
		return list, anew(o, err)
	}
	list, err := p.streamed(ctx, api, o)
	switch {
	case err == nil:
		return list, nil
	case apierrors.IsNotAcceptable(err), errors.Is(err, errNoEnvelope):
		return p.withoutProtobuf(ctx, o, err)
	default:
		return nil, err
	}
}

// paged has a list come in pages, which the API server does not serve from its cache.
func paged(o metav1.ListOptions) metav1.ListOptions {
	o.ResourceVersion, o.ResourceVersionMatch, o.Limit = "", "", pageSize
	return o
}

// anew has the library begin another list where a page has expired. For the error itself it would send one request without a limit, and take
// the first page that comes for all pods.
func anew(o metav1.ListOptions, err error) error {
	if o.Continue == "" || !apierrors.IsResourceExpired(err) && !apierrors.IsGone(err) {
		return err
	}
	return errors.New("the list of pods grew too old between two pages, and begins anew: " + err.Error())
}

// streamed lists in protobuf, and strips each pod before it reads the next.
func (p *podLister) streamed(ctx context.Context, api rest.Interface, o metav1.ListOptions) (runtime.Object, error) {
	response, err := api.Get().Resource("pods").VersionedParams(&o, scheme.ParameterCodec).
		SetHeader("Accept", runtime.ContentTypeProtobuf).Stream(ctx)
	if err != nil {
		return nil, err // The library reads its kind.
	}
	defer response.Close()
	list := &internalversion.List{}
	list.ListMeta, err = readPods(response, fieldsOfPod(p.options.Resources), func(pod *corev1.Pod) {
		list.Items = append(list.Items, wrapper[*Pod]{p.options.strip(pod)})
	})
	if err != nil {
		p.cut.Store(p.cut.Load() || !errors.Is(err, errNoEnvelope))
		return nil, fmt.Errorf("read the list of pods: %w", err)
	}
	return list, nil
}

// withoutProtobuf lists by the library after the API server refused protobuf, or sent something else in its place. What the library cannot
// read either may be the page of a proxy that stands in for once: then the next list is tried in protobuf again.
func (p *podLister) withoutProtobuf(ctx context.Context, o metav1.ListOptions, refused error) (runtime.Object, error) {
	list, err := p.negotiated(ctx, o)
	if err != nil {
		return nil, errors.Join(refused, err)
	}
	if !p.negotiates.Swap(true) {
		klog.FromContext(ctx).Info("The API server does not send pods in protobuf. They are listed in the format that it offers, page by page",
			"reason", refused.Error())
	}
	return list, nil
}

// negotiated lists by the library, which takes JSON too. It reads all of a page before it strips the pods, so that it requests pages
// alone.
func (p *podLister) negotiated(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
	page, err := p.client.CoreV1().Pods(metav1.NamespaceAll).List(ctx, paged(o))
	if err != nil {
		return nil, anew(o, err) // The library reads its kind.
	}
	list := &internalversion.List{ListMeta: page.ListMeta, Items: make([]runtime.Object, len(page.Items))}
	for i := range page.Items {
		list.Items[i] = wrapper[*Pod]{p.options.strip(&page.Items[i])}
	}
	return list, nil
}
