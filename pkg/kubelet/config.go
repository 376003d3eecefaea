package kubelet

import (
	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/pkg/address"
)

// Config says how the kubelets of one source are reached. The zero value uses the cluster's CA pool and credentials.
type Config struct {
	// CAFile has the certificates of the authorities that sign kubelets' certificates; empty for those of the cluster.
	CAFile string
	// CertFile and KeyFile authenticate to kubelets, in place of the cluster's credentials; both or none.
	CertFile, KeyFile string
	// VerifyNodeName accepts a certificate that is valid for the names of a Conn, in place of one that is valid for the address that is dialled.
	VerifyNodeName bool
	// InsecureTLS leaves kubelets' certificates unverified.
	InsecureTLS bool
	// Plain means HTTP without TLS and without credentials, to a read-only port.
	Plain bool
	// Policy decides to which addresses a connection may be made.
	Policy address.Policy
}

// restConfig returns the configuration of a client to the cluster's kubelets, from that of a client to its API server.
func (c Config) restConfig(cluster *rest.Config) *rest.Config {
	out := rest.CopyConfig(cluster)
	if c.CertFile != "" {
		out = rest.AnonymousClientConfig(cluster)
		out.CertFile, out.KeyFile = c.CertFile, c.KeyFile
	}
	if out.CertFile != "" || len(out.CertData) > 0 {
		out.BearerToken, out.BearerTokenFile = "", "" // Kubelets that need no token are not sent one.
	}
	out.Dial = newDial(c.Policy)
	// The server name is the API server's. HTTP/2 gains nothing where a connection carries one request at a time.
	out.ServerName = ""
	out.NextProtos = []string{"http/1.1"}
	out.DisableCompression = true
	// Only the flag for kubelets leaves kubelets unverified, not the cluster's own setting, which is about the API server.
	out.Insecure = c.InsecureTLS
	switch {
	case c.InsecureTLS:
		out.CAFile, out.CAData = "", nil
	case c.CAFile != "":
		out.CAFile, out.CAData = c.CAFile, nil
	}
	return out
}
