// Package target decides where and how a node is scraped: the address, the port and the path, from the Node object and the flags.
//
// It stands between package cluster, which watches the nodes, and package scrape, which scrapes them. It is pure: the same node and
// configuration give the same target.
package target
