// Package decode turns the body of a kubelet's response into a sample.Node.
//
// It stands between package scrape, which requests the body and limits its size, and the store, which keeps the sample. There
// are two formats with one meaning: ResourceDecoder reads the Prometheus text of /metrics/resource, SummaryDecoder the JSON of
// /stats/summary. Both are pure: they read no clock, log nothing, and keep no reference to the body.
//
// An error means that nothing of the body may be used. In a body without an error, a reading that is invalid is rejected alone and
// counted in sample.Node.Rejected.
//
// Which extra resources there are, and where a body has them, is the table of package sample: both decoders follow it.
package decode
