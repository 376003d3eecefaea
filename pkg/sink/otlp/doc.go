// Package otlp is the sink that sends usage by the OpenTelemetry protocol, over HTTP or gRPC.
//
// Metrics and resource attributes have the names of OpenTelemetry's semantic conventions for Kubernetes: container.cpu.time, k8s.pod.memory.working_set,
// k8s.node.cpu.usage and so on, of resources that are named by k8s.pod.uid, k8s.container.name and the others. The conventions are not stable yet.
// Points have the times at which the kubelet read the values. Where an object is gone, its metrics end with points that say that there is no value.
package otlp
