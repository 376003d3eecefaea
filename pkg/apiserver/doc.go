// Package apiserver serves metrics.k8s.io in versions v1 and v1beta1 over HTTP: it is the generic Kubernetes API server, without storage and admission.
//
// It is the end of the data flow. The registries give it the objects; its health checks are of the process, and never of the kubelets.
//
// Authentication, authorization and the handler chain are the library's. Around the chain stand bounds on what one client can hold that other clients need
// (see handlerChain); docs/security.md has the limits.
package apiserver
