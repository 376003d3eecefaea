// Package bench measures servers of the metrics API, one after the other, on the same cluster: what they cost, how fast they are, and
// how much usage they keep while kubelets fail.
//
// Each server is started cold, goes through the same steps in the same order, and gets requests over TLS without the aggregator in
// between, so that its CPU is its own. CPU and memory are what the kernel counts for its process. [Run] does it all; the
// arithmetic needs no server.
package bench
