// Package remotewrite is the sink that sends usage to Prometheus, and to whatever takes its remote write: Thanos, Mimir, Cortex, VictoriaMetrics.
//
// The series have the names that kubelets give them at /metrics/resource, with the labels node, namespace, pod and container, so that queries and dashboards
// for a scraped kubelet work, and Plimsoll can read them back. Samples have the times at which the kubelet read the values, cut to milliseconds.
// Where an object is gone, its series end with stale markers.
//
// A pod has no series of its own: Plimsoll knows the sum over its containers, and the kubelet's pod_memory_working_set_bytes is that of the pod's cgroup.
package remotewrite
