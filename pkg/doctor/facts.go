package doctor

import (
	"crypto/x509"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/types"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

// Fact is what a request brought: a value, or the error because of which there is none.
type Fact[T any] struct {
	Value T
	Err   error
}

// Facts are what the checks know of a cluster. Each fact has an error of its own, so that a missing right hides no other fact.
type Facts struct {
	// Target is what the checks are about.
	Target Target
	// Host is the address of the API server.
	Host string
	// Time is the time by the API server's clock.
	Time time.Time
	// ClockHere is how far the clock of this machine is ahead of the API server's.
	ClockHere time.Duration
	// ClockServer is how far the clock of Plimsoll is ahead of the API server's, by the header Date of a response of Plimsoll's.
	ClockServer Fact[time.Duration]

	// Service is the one that leads to Plimsoll, and Account Plimsoll's service account.
	Service, Account types.NamespacedName
	// APIServices are those of metrics.k8s.io, by version.
	APIServices map[string]Fact[*apiregistrationv1.APIService]
	// Foreign says which program the Service of an APIService belongs to, where that is known.
	Foreign map[types.NamespacedName]string
	// ServiceObject is Service, Endpoints and Pods what its selector leads to.
	ServiceObject Fact[*corev1.Service]
	Endpoints     Fact[[]discoveryv1.EndpointSlice]
	Pods          Fact[[]corev1.Pod]
	// Presented is the chain of certificates with which the Service's address responds, the server's own first.
	Presented Fact[[]*x509.Certificate]
	// Authentication is the data of the ConfigMap extension-apiserver-authentication.
	Authentication Fact[map[string]string]
	// ServerRights are those of Account, and UserRights those of the user of this command.
	ServerRights, UserRights []RightFact

	// Discovery is how the API server responds to a request for a version of metrics.k8s.io.
	Discovery map[string]error
	// Usage is the usage of all nodes, by name, and Explanations has the message about nodes that have none.
	Usage        Fact[map[string]NodeUsage]
	Explanations map[string]string
	// States are those of all nodes as Plimsoll itself reports them; nil where the user has named no address of Plimsoll.
	States *Fact[[]NodeState]
	// Nodes are the cluster's, in the order of their names.
	Nodes Fact[[]Node]
	// Leases has for each node how far its clock is ahead of the API server's.
	Leases Fact[map[string]time.Duration]
	// Autoscalers are those that read CPU or memory.
	Autoscalers Fact[[]Autoscaler]
	// Pod is the pod that the report is about, and PodError how the API server responds to a request for its usage.
	Pod      *corev1.Pod
	PodError error
}

// Target is the object that a report explains; empty for the whole cluster.
type Target struct {
	// Node is the name of a node.
	Node string
	// Pod is a pod.
	Pod types.NamespacedName
}

// Node is what the checks need of a Node object.
type Node struct {
	Name string
	// Ready is the condition of this name: the kubelet reports that it is well.
	Ready bool
}

// NodeUsage is what the checks need of the usage of a node.
type NodeUsage struct {
	// Timestamp is when the kubelet took the reading, by its node's clock.
	Timestamp time.Time
}

// Autoscaler is a HorizontalPodAutoscaler that reads CPU or memory.
type Autoscaler struct {
	types.NamespacedName
	Conditions []autoscalingv2.HorizontalPodAutoscalerCondition
}
