// Package scrapecost measures the cost of a scrape of a kubelet, in benchmarks that docs/performance.md cites. Simulated kubelets run in a
// process of their own, and the scraper of pkg/scrape scrapes them over TLS as in a cluster; and the library with which kubelets encode
// their responses encodes them in each format that it knows.
package scrapecost
