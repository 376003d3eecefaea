// Package store holds the latest numbers of every node in memory, keyed by node.
//
// The scrape loops put what decoders made of a kubelet's answer; the registries read. Putting replaces one node and touches
// no other; rates are computed once, when a sample is put; reading is a look-up. The package knows no API types.
package store
