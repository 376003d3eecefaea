package kubelet

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
)

// identity verifies that a certificate is that of the kubelet of one node, at whichever of the node's addresses it is presented. It stands in for
// the verification of crypto/tls, which knows only the address that was dialled.
type identity struct {
	// roots are the authorities that are trusted; nil for those of the system.
	roots *x509.CertPool
	// names are the node's name and its addresses, without ports. Where they are empty no certificate is accepted.
	names []string
}

// Kubernetes issues a kubelet's certificate for this user name, followed by the name of the node, in this group.
const (
	userPrefix = "system:node:"
	nodesGroup = "system:nodes"
)

// apply makes a configuration one for connections to the node's kubelet.
func (i identity) apply(config *tls.Config) {
	i.roots = config.RootCAs
	config.InsecureSkipVerify = true // In place of that, VerifyConnection is called, also where a session is resumed.
	config.VerifyConnection = i.verify
}

func (i identity) verify(s tls.ConnectionState) error {
	options := x509.VerifyOptions{Roots: i.roots, Intermediates: x509.NewCertPool()}
	for _, c := range s.PeerCertificates[1:] {
		options.Intermediates.AddCert(c)
	}
	_, err := s.PeerCertificates[0].Verify(options) // As a server's certificate: one for clients is not accepted.
	if err == nil {
		err = i.verifyNames(s.PeerCertificates[0])
	}
	if err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: s.PeerCertificates, Err: err}
	}
	return nil
}

// verifyNames accepts the certificate that Kubernetes issues for the kubelet of the node, and any other one that is valid for the node's name or one
// of its addresses. The certificate of another node's kubelet is not accepted, although its address may have become this node's.
func (i identity) verifyNames(c *x509.Certificate) error {
	if len(i.names) == 0 {
		return x509.HostnameError{Certificate: c}
	}
	if node, found := strings.CutPrefix(c.Subject.CommonName, userPrefix); found {
		switch {
		case node != i.names[0]:
			return fmt.Errorf("%w: it is of %s, and the node is %s", ErrOtherNode, node, i.names[0])
		case slices.Contains(c.Subject.Organization, nodesGroup):
			return nil
		}
	}
	if slices.ContainsFunc(i.names, func(name string) bool { return c.VerifyHostname(name) == nil }) {
		return nil
	}
	return x509.HostnameError{Certificate: c, Host: i.names[0]}
}
