package apiserver

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/registry/rest"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/metrics/pkg/apis/metrics"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"

	"github.com/plimsoll/plimsoll/pkg/registry/nodemetrics"
	"github.com/plimsoll/plimsoll/pkg/registry/podmetrics"
)

// apiGroup is metrics.k8s.io with both versions on the same storages: the versions differ in name alone, and the
// autoscaler of Kubernetes up to 1.37 asks for v1beta1 while kubectl takes v1 where it is offered.
func apiGroup(extra ExtraConfig) genericapiserver.APIGroupInfo {
	storages := map[string]rest.Storage{
		"nodes": nodemetrics.NewREST(extra.Nodes, extra.NodeUsages, extra.NodeCauses),
		"pods":  podmetrics.NewREST(extra.Pods, extra.PodUsages, extra.PodCauses),
	}
	group := genericapiserver.NewDefaultAPIGroupInfo(metrics.GroupName, Scheme, metav1.ParameterCodec, Codecs)
	group.VersionedResourcesStorageMap[metricsv1.SchemeGroupVersion.Version] = storages
	group.VersionedResourcesStorageMap[metricsv1beta1.SchemeGroupVersion.Version] = storages
	return group
}
