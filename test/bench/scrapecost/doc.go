// Package scrapecost measures what a look at a kubelet costs, in benchmarks that docs/performance.md cites. Simulated kubelets run in a
// process of their own, and the loops of pkg/scrape ask them over TLS as they do in a cluster; and the library that kubelets write
// their answers with writes them in each format that it knows.
package scrapecost
