package source

import (
	"time"

	"k8s.io/apimachinery/pkg/labels"
)

const (
	// securePort and readOnlyPort are the ports on which kubelets listen by default.
	securePort   = 10250
	readOnlyPort = 10255

	// MinResolution is the shortest resolution: no kubelet reads its containers more often.
	MinResolution = 5 * time.Second
)

// Defaults are the values that flags give to every source. The caller validates them.
type Defaults struct {
	// Kubelet has the flags about kubelets: HTTPS is false with --deprecated-kubelet-completely-insecure, and RequestTimeout is cut to nine tenths of a
	// source's resolution.
	Kubelet
	// Resolution is --metric-resolution.
	Resolution time.Duration
	// NodeSelector is --node-selector; nil selects every node.
	NodeSelector labels.Selector
	// Kubeconfig is --kubeconfig. In the home cluster it takes the place of the configuration that a pod has.
	Kubeconfig string
}
