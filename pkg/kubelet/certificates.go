package kubelet

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"k8s.io/client-go/transport"
	"k8s.io/klog/v2"
)

// reloadInterval is how long the contents of certificate files are used before the files are read again.
const reloadInterval = time.Minute

// certificates are the TLS configuration of connections: the CA pool that verifies kubelets, and the client certificate. They follow the files.
type certificates struct {
	// config names files, has data, or both; data precedes files.
	config transport.Config

	// mu guards what follows.
	mu       sync.Mutex
	readAt   time.Time
	contents fileContents
	tls      *tls.Config
}

// fileContents are the contents of the files when they were read; nil where there is no file, or data in its place.
type fileContents struct{ ca, cert, key []byte }

func newCertificates(config *transport.Config) (*certificates, error) {
	c := &certificates{config: *config}
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
	return c.tls
}

// reload reads the files. The caller holds mu, or is the only one to have c.
func (c *certificates) reload() error {
	c.readAt = time.Now()
	contents, err := c.read()
	if err != nil {
		return err
	}
	if c.tls != nil && contents.equal(c.contents) {
		return nil
	}
	// The library is given data only: it would watch files by itself, and could combine a certificate with the key of a moment later.
	given := c.config
	given.TLS.CAData = firstOf(given.TLS.CAData, contents.ca)
	given.TLS.CertData, given.TLS.KeyData = firstOf(given.TLS.CertData, contents.cert), firstOf(given.TLS.KeyData, contents.key)
	config, err := transport.TLSConfigFor(&given)
	if err != nil {
		return fmt.Errorf("make the TLS configuration for kubelets: %w", err)
	}
	c.contents, c.tls = contents, config
	return nil
}

func (c *certificates) read() (contents fileContents, err error) {
	names := c.config.TLS
	for _, f := range []struct {
		name string
		data []byte
		into *[]byte
	}{{names.CAFile, names.CAData, &contents.ca}, {names.CertFile, names.CertData, &contents.cert}, {names.KeyFile, names.KeyData, &contents.key}} {
		if f.name == "" || len(f.data) > 0 {
			continue
		}
		if *f.into, err = os.ReadFile(f.name); err != nil {
			return fileContents{}, fmt.Errorf("read a certificate for kubelets: %w", err)
		}
		if len(*f.into) == 0 {
			return fileContents{}, fmt.Errorf("read %s: %w", f.name, errEmptyFile)
		}
	}
	return contents, nil
}

// errEmptyFile means that a certificate file is empty, as it is while another process writes it.
var errEmptyFile = errors.New("the certificate file is empty")

func (f fileContents) equal(other fileContents) bool {
	return bytes.Equal(f.ca, other.ca) && bytes.Equal(f.cert, other.cert) && bytes.Equal(f.key, other.key)
}

func firstOf(data, contents []byte) []byte {
	if len(data) > 0 {
		return data
	}
	return contents
}
