package apiserver

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/registry/rest"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/metrics/pkg/apis/metrics"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"

	"github.com/plimsoll/plimsoll/pkg/registry/nodemetrics"
	"github.com/plimsoll/plimsoll/pkg/registry/podmetrics"
)

// installGroup serves metrics.k8s.io of one cluster, with both versions on the same storages: the versions differ in name alone, and the
// autoscaler of Kubernetes up to 1.37 requests v1beta1 while kubectl prefers v1 where it is served.
func installGroup(server *genericapiserver.GenericAPIServer, r *Readers) error {
	storages := r.storages()
	group := genericapiserver.NewDefaultAPIGroupInfo(metrics.GroupName, Scheme, metav1.ParameterCodec, Codecs)
	group.NegotiatedSerializer = newSerializer(truncatingSerializer{group.NegotiatedSerializer}, r.Compress)
	for _, version := range []schema.GroupVersion{metricsv1.SchemeGroupVersion, metricsv1beta1.SchemeGroupVersion} {
		group.VersionedResourcesStorageMap[version.Version] = storages
	}
	if err := server.InstallAPIGroup(&group); err != nil {
		return fmt.Errorf("install the API group %s: %w", metrics.GroupName, err)
	}
	return nil
}

// storages are those of the resources. The library offers the verb watch where a storage has it.
func (r *Readers) storages() map[string]rest.Storage {
	nodes, pods := nodemetrics.NewREST(r.Nodes, r.Usage, r.NodeMessages), podmetrics.NewREST(r.Pods, r.Usage, r.PodMessages)
	if r.NodeWatches == nil || r.PodWatches == nil {
		return map[string]rest.Storage{"nodes": nodes, "pods": pods}
	}
	return map[string]rest.Storage{"nodes": nodemetrics.Watched(nodes, r.NodeWatches), "pods": podmetrics.Watched(pods, r.PodWatches)}
}
