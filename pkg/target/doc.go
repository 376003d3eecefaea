// Package target says where and how a node is scraped: its address, port and path, from the Node object and the flags.
//
// It stands between the cluster, which knows the nodes, and the scrape loops, which fetch. It is pure: the same node and
// configuration give the same target.
package target
