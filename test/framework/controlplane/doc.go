// Package controlplane runs a real Kubernetes control plane on loopback, without root: etcd, kube-apiserver and, with the option,
// kube-controller-manager, kube-scheduler and kwok, with generated certificates, on free ports.
//
// It takes the binaries of package parts and gives the tests and the demo the credentials to talk to a cluster. It stops
// what it started and nothing else. How each program is started follows its own --help at the version in test/framework/parts.
package controlplane
