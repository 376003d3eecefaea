package options

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	utilnet "k8s.io/apimachinery/pkg/util/net"

	"github.com/plimsoll/plimsoll/pkg/source"
)

// KubeletOptions are the flags about how kubelets are reached, and which certificates of theirs are accepted.
type KubeletOptions struct {
	source.Kubelet
	// AddressTypes are in the order of preference; those of Kubelet are not set.
	AddressTypes []string
	// Verify is how a kubelet's certificate is verified: source.VerifyAddress or source.VerifyNodeName; VerifyNodeName of Kubelet is not set.
	Verify string
	// CompletelyInsecure speaks plain HTTP, without credentials; HTTPS of Kubelet is not set.
	CompletelyInsecure bool
}

// NewKubeletOptions returns the defaults of metrics-server 0.9.
func NewKubeletOptions() *KubeletOptions {
	o := &KubeletOptions{Verify: source.VerifyAddress, Kubelet: source.Kubelet{
		Port: 10250, StatusPorts: utilnet.PortRange{Base: 1024, Size: 65536 - 1024}, RequestTimeout: 10 * time.Second,
	}}
	for _, t := range source.AddressTypes {
		o.AddressTypes = append(o.AddressTypes, string(t))
	}
	return o
}

// AddFlags adds the kubelet flags.
func (o *KubeletOptions) AddFlags(fs *pflag.FlagSet) {
	fs.IntVar(&o.Port, "kubelet-port", o.Port, "Port of every kubelet.")
	fs.BoolVar(&o.UseNodeStatusPort, "kubelet-use-node-status-port", o.UseNodeStatusPort,
		"Take the port from each Node's status instead of --kubelet-port, if it is in --kubelet-node-status-port-range.")
	fs.Var(&o.StatusPorts, "kubelet-node-status-port-range",
		"Ports beside --kubelet-port that a Node's status may name with --kubelet-use-node-status-port. A node with another one is not scraped. No kubelet has a port below 1024 by default; 10250-10250 allows the usual one alone.")
	fs.StringSliceVar(&o.AddressTypes, "kubelet-preferred-address-types", o.AddressTypes,
		"Types of node address, best first; the addresses that a Node has are tried in that order.")
	fs.BoolVar(&o.AllowLocalAddresses, "kubelet-allow-local-addresses", o.AllowLocalAddresses,
		"Accept loopback, link-local and multicast addresses of nodes, as simulated kubelets have. A client that can write a Node's status can then have Plimsoll send requests to servers on its own host, with its credentials: for tests only.")
	fs.DurationVar(&o.RequestTimeout, "kubelet-request-timeout", o.RequestTimeout,
		"Longest time for one request to a kubelet. It is cut to nine tenths of --metric-resolution.")
	fs.StringVar(&o.Verify, "kubelet-verify", o.Verify,
		"What a kubelet's certificate has to be valid for: address is the address that is dialled; node-name is the node, by system:node:NAME, the node's name or any of its addresses. With node-name the certificate of another node's kubelet is refused, also where it has the address.")
	fs.BoolVar(&o.InsecureTLS, "kubelet-insecure-tls", o.InsecureTLS,
		"Accept any certificate from a kubelet. A server that responds in its place learns Plimsoll's credentials and chooses the usage that is served: for tests only.")
	fs.StringVar(&o.CAFile, "kubelet-certificate-authority", o.CAFile,
		"File with the certificate authorities that sign the kubelets' serving certificates. The API server's own is the default.")
	fs.StringVar(&o.CertFile, "kubelet-client-certificate", o.CertFile,
		"File with the client certificate to present to kubelets. The credentials for the API server are the default.")
	fs.StringVar(&o.KeyFile, "kubelet-client-key", o.KeyFile, "File with the key of --kubelet-client-certificate.")
	fs.BoolVar(&o.CompletelyInsecure, "deprecated-kubelet-completely-insecure", o.CompletelyInsecure,
		"Deprecated. Speak plain HTTP to kubelets: no encryption and no credentials. Where only the certificates are the problem, --kubelet-insecure-tls is the smaller risk.")
}

// Validate returns every error in the kubelet flags.
func (o *KubeletOptions) Validate() []error {
	var errs errorList
	errs.check(o.Port >= 1 && o.Port <= 65535, "--kubelet-port=%d: must be from 1 to 65535", o.Port)
	errs.check(o.RequestTimeout > 0, "--kubelet-request-timeout=%v: must be above 0", o.RequestTimeout)
	errs.check(len(o.AddressTypes) > 0, "--kubelet-preferred-address-types: must have at least one of %v", source.AddressTypes)
	for _, t := range o.AddressTypes {
		errs.check(slices.Contains(source.AddressTypes, corev1.NodeAddressType(t)),
			"--kubelet-preferred-address-types: %q is not a type of node address; allowed are %v", t, source.AddressTypes)
	}
	errs = append(errs, o.validateTLS()...)
	errs.add(checkCertificates("--kubelet-certificate-authority", o.CAFile))
	errs.add(checkKeyPair("--kubelet-client-certificate", o.CertFile, "--kubelet-client-key", o.KeyFile))
	return errs
}

// validateTLS finds flags that contradict each other.
func (o *KubeletOptions) validateTLS() []error {
	var errs errorList
	errs.check(o.Verify == source.VerifyAddress || o.Verify == source.VerifyNodeName, "--kubelet-verify=%s: must be %s or %s",
		o.Verify, source.VerifyAddress, source.VerifyNodeName)
	errs.check(!o.InsecureTLS || o.Verify != source.VerifyNodeName,
		"--kubelet-insecure-tls accepts any certificate, so --kubelet-verify=%s cannot take effect: give one of the two", o.Verify)
	errs.check(!o.InsecureTLS || o.CAFile == "",
		"--kubelet-insecure-tls accepts any certificate, so --kubelet-certificate-authority=%s cannot take effect: give one of the two", o.CAFile)
	if !o.CompletelyInsecure {
		return errs
	}
	var pointless []string
	for _, f := range []struct {
		flag string
		set  bool
	}{
		{"--kubelet-certificate-authority", o.CAFile != ""},
		{"--kubelet-client-certificate", o.CertFile != ""},
		{"--kubelet-client-key", o.KeyFile != ""},
		{"--kubelet-verify", o.Verify == source.VerifyNodeName},
		{"--kubelet-insecure-tls", o.InsecureTLS},
	} {
		if f.set {
			pointless = append(pointless, f.flag)
		}
	}
	errs.check(len(pointless) == 0, "--deprecated-kubelet-completely-insecure uses no TLS, so %s cannot take effect: leave out one or the other",
		strings.Join(pointless, ", "))
	return errs
}
