// Package fleet simulates kubelets: any number of nodes in one process, each at a loopback address of its own, with known
// CPU rates and memory.
//
// It stands where the kubelets stand, at the very start of the data flow, for integration tests, the demo and benchmarks.
// A node serves /metrics/resource and /stats/summary as a kubelet does, and misbehaves on demand ([Fault]). What is true
// is known ([Fleet.Truth]), so that the result of a scraper can be checked.
//
// Pods are given directly ([Fleet.AddPod]) or follow a cluster's API server (Options.Client): each running pod that is
// bound to a node of the fleet is simulated, with the usage that its annotations set:
//
//	plimsoll.dev/cpu: 250m                 each container of the pod, in cores
//	plimsoll.dev/cpu.<container>: 100m     one container
//	plimsoll.dev/memory: 64Mi              each container of the pod, in bytes
//	plimsoll.dev/memory.<container>: 64Mi  one container
//	plimsoll.dev/swap: 8Mi                 each container of the pod, in bytes; none by default
//	plimsoll.dev/swap.<container>: 8Mi     one container
//	plimsoll.dev/load-group: web           shares the load given by SetLoad("<namespace>/web", cores)
//
// A container without annotations uses 5m to 200m and 16Mi to 256Mi, always the same for the same name.
package fleet
