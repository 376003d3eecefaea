// Package scrapecost measures what a look at a kubelet costs the server, apart from the kubelet: simulated kubelets run in a process
// of their own, and the loops of pkg/scrape ask them over TLS as they do in a cluster.
package scrapecost
