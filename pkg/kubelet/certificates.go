package kubelet

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
)

// reloadInterval is how long the contents of certificate files are used before the files are read again.
const reloadInterval = time.Minute

// warnInterval is how often the log says that certificates are not verified.
const warnInterval = time.Hour

// certificates are the TLS configuration of connections: the CA pool that verifies kubelets, and the client certificate. They follow the files.
type certificates struct {
	// config names files, has data, or both; data precedes files.
	config *rest.Config

	// mu guards what follows.
	mu sync.Mutex
	// readAt is when the files were read, and warnedAt when the log last said that certificates are not verified; zero for never.
	readAt, warnedAt time.Time
	// read has the data that tls was made of.
	read rest.TLSClientConfig
	tls  *tls.Config
}

func newCertificates(config *rest.Config) (*certificates, error) {
	c := &certificates{config: config}
	if err := c.reload(); err != nil {
		return nil, err
	}
	return c, nil
}

// current returns the configuration of new connections, which the caller must not change. It is a new one when a file has changed: connections
// that were made with the one before are to be closed. Files that are unusable change nothing.
func (c *certificates) current(ctx context.Context) *tls.Config {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.readAt) >= reloadInterval {
		if err := c.reload(); err != nil {
			klog.FromContext(ctx).Error(err, "Certificates for kubelets cannot be reloaded: the previous ones stay in use")
		}
	}
	if c.tls.InsecureSkipVerify && time.Since(c.warnedAt) >= warnInterval {
		c.warnedAt = time.Now()
		klog.FromContext(ctx).Info("Certificates of kubelets are not verified, because of --kubelet-insecure-tls or an option of a source: a server in a kubelet's place receives Plimsoll's credentials and chooses the usage that is served")
	}
	return c.tls
}

// reload reads the files. The caller holds mu, or is the only one to have c.
func (c *certificates) reload() error {
	c.readAt = time.Now()
	// The library is given data: it would read the files again by itself, and could combine a certificate with the key of a moment later.
	read := rest.CopyConfig(c.config)
	if err := rest.LoadTLSFiles(read); err != nil {
		return fmt.Errorf("read a certificate for kubelets: %w", err)
	}
	if c.tls != nil && hasSameData(read.TLSClientConfig, c.read) {
		return nil
	}
	if read.CAFile != "" && len(read.CAData) == 0 || read.CertFile != "" && len(read.CertData) == 0 {
		return errEmptyFile
	}
	config, err := rest.TLSConfigFor(read)
	if err != nil {
		return fmt.Errorf("make the TLS configuration for kubelets: %w", err)
	}
	c.read, c.tls = read.TLSClientConfig, config
	return nil
}

// errEmptyFile means that a file is empty, as it is while another process writes it. The library would trust the system's authorities instead.
var errEmptyFile = errors.New("read a certificate for kubelets: the file is empty")

func hasSameData(a, b rest.TLSClientConfig) bool {
	return bytes.Equal(a.CAData, b.CAData) && bytes.Equal(a.CertData, b.CertData) && bytes.Equal(a.KeyData, b.KeyData)
}
