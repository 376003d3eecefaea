// Package realnode runs one real Kubernetes node on a Linux machine: containerd with runc and the bridge of the CNI plugins,
// and a kubelet, registered with a control plane of package controlplane. It needs root and no container engine.
//
// It takes the binaries of package parts. The node runs in namespaces of its own (see RunIsolated): its mounts, links,
// processes and well-known paths such as /run/containerd are not the machine's, and all of them end with it. Its cgroups are
// below one that the caller names. The end-to-end tests stand on it.
package realnode
