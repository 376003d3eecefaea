// Package encode writes usage as the API has it: a NodeMetrics or a PodMetrics of metrics.k8s.io, in JSON or protobuf.
//
// It stands between published usage and the registries, which keep what it writes. What it writes is the same, to the byte, as
// what the types of k8s.io/metrics give, in v1 and v1beta1 alike; it only does not make those types. It is pure and keeps nothing.
package encode
