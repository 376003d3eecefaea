package controlplane

import (
	"crypto/sha256"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// The administrator of the cluster; RBAC does not apply to the group.
const (
	adminUser  = "plimsoll-admin"
	adminGroup = "system:masters"
)

// ClientCert makes a certificate that the API server accepts for a user in groups. Both results are PEM-encoded.
func (c *ControlPlane) ClientCert(user string, groups ...string) (cert, key []byte, err error) {
	client, err := c.pki.cluster.client(user, groups...)
	return client.cert, client.key, err
}

// ConfigFor makes a client configuration for a user in groups, without a limit on requests.
func (c *ControlPlane) ConfigFor(user string, groups ...string) (*rest.Config, error) {
	cert, key, err := c.ClientCert(user, groups...)
	if err != nil {
		return nil, err
	}
	return &rest.Config{
		Host:            endpoint(c.port),
		QPS:             -1,
		TLSClientConfig: rest.TLSClientConfig{CAData: c.CABundle(), CertData: cert, KeyData: key},
	}, nil
}

// KubeconfigFor writes a kubeconfig for a user in groups and returns its path, inside Options.Dir.
func (c *ControlPlane) KubeconfigFor(user string, groups ...string) (string, error) {
	cert, key, err := c.ClientCert(user, groups...)
	if err != nil {
		return "", err
	}
	const cluster = "plimsoll"
	config := clientcmdapi.NewConfig()
	config.Clusters[cluster] = &clientcmdapi.Cluster{Server: endpoint(c.port), CertificateAuthorityData: c.CABundle()}
	config.AuthInfos[user] = &clientcmdapi.AuthInfo{ClientCertificateData: cert, ClientKeyData: key}
	config.Contexts[cluster] = &clientcmdapi.Context{Cluster: cluster, AuthInfo: user}
	config.CurrentContext = cluster
	path := filepath.Join(c.options.Dir, "kubeconfig", fileName(user, groups)+".yaml")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		return "", fmt.Errorf("writing the kubeconfig of %s: %w", user, err)
	}
	return path, nil
}

// fileName is readable where it can be and distinct for distinct users and groups.
func fileName(user string, groups []string) string {
	readable := strings.Map(func(r rune) rune {
		if r < 128 && strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-", r) {
			return r
		}
		return '_'
	}, user)
	if len(groups) == 0 && readable == user {
		return user
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q", user, groups))
	return fmt.Sprintf("%.40s-%x", readable, sum[:4])
}

// AdminConfig is a client configuration for the administrator, for the caller to change as it likes.
func (c *ControlPlane) AdminConfig() *rest.Config { return rest.CopyConfig(c.admin) }

// AdminKubeconfig is the path of the administrator's kubeconfig.
func (c *ControlPlane) AdminKubeconfig() string { return c.adminKubeconfig }

// ServingCert writes a certificate for a server that the cluster should trust through CABundle, such as an aggregated
// API server, and returns the paths of the certificate and its key, inside Options.Dir.
func (c *ControlPlane) ServingCert(dnsNames []string, ips []net.IP) (certFile, keyFile string, err error) {
	server, err := c.pki.cluster.server(dnsNames, ips)
	if err != nil {
		return "", "", err
	}
	dir, err := os.MkdirTemp(c.pki.dir, "serving-")
	if err != nil {
		return "", "", fmt.Errorf("making a folder for a serving certificate: %w", err)
	}
	into := &pki{dir: dir}
	return into.certFile(serving), into.keyFile(serving), into.write(serving, server)
}

// CABundle is the PEM-encoded authority of every server of the cluster, for an APIService's caBundle.
func (c *ControlPlane) CABundle() []byte { return c.pki.cluster.certPEM() }

// CAFile is the path of CABundle.
func (c *ControlPlane) CAFile() string { return c.pki.certFile(clusterCA) }

// FrontProxyCAFile is the path of the authority that aggregated servers trust to name users in request headers.
func (c *ControlPlane) FrontProxyCAFile() string { return c.pki.certFile(frontProxyCA) }

// FrontProxyClientFiles are the paths of the certificate and key that the API server shows to aggregated servers.
func (c *ControlPlane) FrontProxyClientFiles() (certFile, keyFile string) {
	return c.pki.certFile(frontProxyClient), c.pki.keyFile(frontProxyClient)
}
