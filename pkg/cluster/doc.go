// Package cluster watches the nodes and pods of one Kubernetes cluster, and keeps no more of each object than is needed.
//
// It stands between the API server and the other packages: package target derives from a node how it is scraped, the store learns which containers
// should have usage, and the registries list the objects. Each object has the cell in which the store publishes its usage.
package cluster
