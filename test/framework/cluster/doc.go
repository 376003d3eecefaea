// Package cluster brings up all that Plimsoll works in, on one machine and without root: a real Kubernetes control plane, a fleet
// of simulated kubelets, and Plimsoll itself as a process of its own, registered with the API server as in its manifests.
//
// The demo, make up, and the integration tests stand on it. What it starts it stops; nothing outlives a Cluster.
// Several clusters may run at once, each a cluster of its own.
package cluster
