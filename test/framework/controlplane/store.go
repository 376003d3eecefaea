package controlplane

import (
	"context"
	"fmt"
	"iter"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"
)

// storing is how many pods are written at a time.
const storing = 8

// putTimeout bounds one write.
const putTimeout = 30 * time.Second

// StorePods writes pods into etcd in the form in which the API server stores them, which takes a fraction of the time of creating them there.
// Nothing admits, defaults or validates them, so they have to be copies of pods that came from the API server. Watchers learn of them
// as of any other. A pod of the same namespace and name is replaced. The first error among the pods ends it.
func (c *ControlPlane) StorePods(ctx context.Context, pods iter.Seq2[*corev1.Pod, error]) error {
	client, err := c.etcdClient(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(storing)
	for pod, err := range pods {
		if gctx.Err() != nil {
			break
		}
		g.Go(func() error {
			if err != nil {
				return err
			}
			return store(gctx, client, "pods", corev1.SchemeGroupVersion, pod)
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// StoreEndpointSlice writes an EndpointSlice into etcd, as StorePods writes pods: the API server accepts none with an address of loopback, and routes to
// such an address all the same. An EndpointSlice of the same namespace and name is replaced.
func (c *ControlPlane) StoreEndpointSlice(ctx context.Context, slice *discoveryv1.EndpointSlice) error {
	client, err := c.etcdClient(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	return store(ctx, client, "endpointslices", discoveryv1.SchemeGroupVersion, slice)
}

func (c *ControlPlane) etcdClient(ctx context.Context) (*clientv3.Client, error) {
	identity, err := c.pki.etcd.client("copies")
	if err != nil {
		return nil, err
	}
	tls, err := tlsConfig(c.pki.etcd, identity)
	if err != nil {
		return nil, err
	}
	client, err := clientv3.New(clientv3.Config{Context: ctx, Endpoints: []string{endpoint(c.etcdPort)}, TLS: tls})
	if err != nil {
		return nil, fmt.Errorf("make a client of etcd: %w", err)
	}
	return client, nil
}

// object is an API object in Go's form.
type object interface {
	runtime.Object
	metav1.Object
}

// store writes one object of a resource, in a transaction of its own: a watcher that goes on after a resource version would miss others of the same. What
// is stored has no version, as the API server reads it off the write.
func store(ctx context.Context, client *clientv3.Client, resource string, version runtime.GroupVersioner, o object) error {
	unversioned, _ := o.DeepCopyObject().(object)
	unversioned.SetResourceVersion("")
	encoder := scheme.Codecs.EncoderForVersion(protobuf.NewSerializer(scheme.Scheme, scheme.Scheme), version)
	value, err := runtime.Encode(encoder, unversioned)
	if err != nil {
		return fmt.Errorf("encode %s %s/%s: %w", resource, o.GetNamespace(), o.GetName(), err)
	}
	ctx, cancel := context.WithTimeout(ctx, putTimeout)
	defer cancel()
	if _, err := client.Put(ctx, "/registry/"+resource+"/"+o.GetNamespace()+"/"+o.GetName(), string(value)); err != nil {
		return fmt.Errorf("store %s %s/%s in etcd: %w", resource, o.GetNamespace(), o.GetName(), err)
	}
	return nil
}
