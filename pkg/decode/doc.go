// Package decode turns the body of a kubelet's response into a sample.Node.
//
// It stands between package scrape, which requests the body and limits its size, and the store, which keeps the sample. There
// are two formats with one meaning: Resource reads the Prometheus text of /metrics/resource, Summary the JSON of
// /stats/summary. Both are pure: they read no clock, log nothing, and keep no reference to the body.
//
// An error means that nothing of the body may be used. In a body without an error, a reading that is invalid is rejected alone and
// counted in sample.Node.Rejected.
//
// Which extra resources there are, and where a body has them, is the table of package sample. A new one needs a line where its metric is
// found by that table (nothing, for the text format) or where its JSON field is read (stats.go, twice).
package decode
