// Package store holds the latest usage of every node and its pods in memory, keyed by node.
//
// The collector puts what decoders made of a kubelet's response. A put replaces one node and touches no other; it computes the rates once,
// publishes the usage in the cells of package usage, where the registries read it, and notifies observers. The package knows no API types.
package store
