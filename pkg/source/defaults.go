package source

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
)

const (
	// securePort and readOnlyPort are the ports on which kubelets listen by default.
	securePort   = 10250
	readOnlyPort = 10255

	// minResolution is the shortest resolution: no kubelet reads its containers more often.
	minResolution = 5 * time.Second
)

// Defaults are the values that flags give to every source. The caller validates them.
type Defaults struct {
	// KubeletPort is --kubelet-port.
	KubeletPort int
	// UseNodeStatusPort is --kubelet-use-node-status-port.
	UseNodeStatusPort bool
	// AddressTypes are --kubelet-preferred-address-types.
	AddressTypes []corev1.NodeAddressType
	// AllowLocalAddresses is --kubelet-allow-local-addresses.
	AllowLocalAddresses bool
	// CAFile, CertFile and KeyFile are --kubelet-certificate-authority, --kubelet-client-certificate and --kubelet-client-key.
	CAFile, CertFile, KeyFile string
	// InsecureTLS is --kubelet-insecure-tls.
	InsecureTLS bool
	// PlainHTTP is --deprecated-kubelet-completely-insecure.
	PlainHTTP bool
	// RequestTimeout is --kubelet-request-timeout. It is cut to nine tenths of a source's resolution.
	RequestTimeout time.Duration
	// Resolution is --metric-resolution.
	Resolution time.Duration
	// NodeSelector is --node-selector; nil selects every node.
	NodeSelector labels.Selector
	// Kubeconfig is --kubeconfig. In the home cluster it takes the place of the configuration that a pod has.
	Kubeconfig string
}
