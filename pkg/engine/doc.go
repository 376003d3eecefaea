// Package engine collects the usage of a cluster's nodes from a Prometheus-compatible engine that has scraped their kubelets: Prometheus,
// VictoriaMetrics, Thanos, Mimir or Cortex. It stands beside package scrape: both put samples into the store.
//
// The nodes are divided into shards of some 50. Each shard is polled in the background, at a fixed phase of the resolution. A poll asks one instant
// query with a range selector: the response has the raw samples of each series, each value with its true time. Two other queries have no such pairs:
// an instant vector has the time of the query, and timestamp() gives the times in a second result, which may be of newer samples than the values.
// The store makes rates from the counters, as it does with the responses of kubelets, so restarts, resets and incomplete pods are decided by its rules.
//
//   - query.go has the text of a query, client.go sends it, response.go reads the response.
//   - assemble.go sorts the series of a response by node, copy and container; copies.go chooses one of several copies of a node's series; readings.go
//     makes a sample of it.
//   - shard.go polls one shard, put.go puts what came of a node, node.go keeps the result; collector.go has the shards of a cluster, progress.go counts
//     its nodes and says why they fail.
//   - report.go logs what was found: the endpoint, whether kubelets' timestamps are kept, the scrape interval, what does not match.
package engine
