// Package apiserver is the HTTP face of Plimsoll: the generic Kubernetes API server, without storage and admission, that
// serves metrics.k8s.io in versions v1 and v1beta1.
//
// It is the end of the data flow. What it serves comes from the registries; the health of the process that it shows is
// its own and never that of the kubelets.
package apiserver
