// Package decode turns the bytes of a kubelet's answer into a sample.Node.
//
// It stands between the scrape loop, which fetches and bounds the body, and the store, which keeps what it is given. There
// are two formats and one meaning: Resource reads the Prometheus text of /metrics/resource, Summary the JSON of
// /stats/summary. Both are pure: they read no clock, log nothing, and keep no reference to the body.
//
// An answer is either used or it is not: an error means that nothing of it may be. Within an answer that is used, a
// reading that makes no sense is left out alone and counted in sample.Node.Rejected.
package decode
