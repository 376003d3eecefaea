package openapi

import (
	"k8s.io/kube-openapi/pkg/common"
	metricsv1 "k8s.io/metrics/pkg/apis/metrics/v1"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"
)

// GetDescribedDefinitions returns the definitions with descriptions of what Plimsoll serves: its types' own have no units. It is what kubectl explain
// prints.
func GetDescribedDefinitions(ref common.ReferenceCallback) map[string]common.OpenAPIDefinition {
	definitions := GetOpenAPIDefinitions(ref)
	for _, kinds := range []struct{ node, pod, container string }{
		{metricsv1.NodeMetrics{}.OpenAPIModelName(), metricsv1.PodMetrics{}.OpenAPIModelName(), metricsv1.ContainerMetrics{}.OpenAPIModelName()},
		{metricsv1beta1.NodeMetrics{}.OpenAPIModelName(), metricsv1beta1.PodMetrics{}.OpenAPIModelName(), metricsv1beta1.ContainerMetrics{}.OpenAPIModelName()},
	} {
		describe(definitions, kinds.node, "What a node uses as a whole: its pods, its system services and its kernel.", map[string]string{
			"metadata":  "Name, UID, labels and creation time of the Node object. The resource version changes when the usage does.",
			"timestamp": timestamp, "window": window, "usage": "What the node uses, by resource. " + usageUnits,
		})
		describe(definitions, kinds.pod, "What a running pod uses, container by container. A pod is served with all of its running containers, or not at all.", map[string]string{
			"metadata":   "Name, namespace, UID, labels and creation time of the Pod object. The resource version changes when the usage does.",
			"timestamp":  timestamp + " It is the oldest among the containers.",
			"window":     window + " It is the longest among the containers.",
			"containers": "The containers that run, sidecars included, and those that wait to be started again, which use nothing. Their sum is the usage of the pod.",
		})
		describe(definitions, kinds.container, "What one container of a pod uses.", map[string]string{
			"name":  "Name of the container in the Pod object.",
			"usage": "What the container uses, by resource. " + usageUnits,
		})
	}
	return definitions
}

const (
	timestamp = "When the kubelet read the CPU time: the end of the window, by the clock of the node."
	window    = "Length of time that the CPU usage is an average of, such as 15s."

	usageUnits = "cpu is in cores, averaged over the window: 12345678n are 12345678 nanocores, or 0.012 of a core. " +
		"memory is the working set in bytes, which the kubelet compares with limits and evicts by: 65536Ki are 64 MiB. " +
		"Other resources are there only where the server is configured to serve them: swap and ephemeral-storage are in bytes, " +
		"and those whose names begin with plimsoll.io/ are described in the documentation of --extra-resources."
)

// describe replaces the descriptions of a kind and of its fields.
func describe(definitions map[string]common.OpenAPIDefinition, name, description string, fields map[string]string) {
	kind := definitions[name]
	kind.Schema.Description = description
	for field, text := range fields {
		property := kind.Schema.Properties[field]
		property.Description = text
		kind.Schema.Properties[field] = property
	}
	definitions[name] = kind
}
