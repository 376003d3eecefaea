// Package cluster is one Kubernetes cluster as Plimsoll sees it: a client, and informers of its nodes and pods that keep
// no more of each object than is needed.
//
// It stands between the sources, which say which cluster, and the targets, which say how each of its nodes is scraped.
package cluster
