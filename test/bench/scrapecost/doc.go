// Package scrapecost measures what a scrape of a kubelet costs, in benchmarks that docs/performance.md cites. Simulated kubelets run in a
// process of their own, and the scraper of pkg/scrape asks them over TLS as they do in a cluster; and the library that kubelets write
// their answers with writes them in each format that it knows.
package scrapecost
