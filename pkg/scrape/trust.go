package scrape

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

// reloadPause is how long files of certificates are believed before they are read again.
const reloadPause = time.Minute

// trust is whom we believe to be a kubelet, and the certificate by which a kubelet believes us. It follows the files that hold them.
type trust struct {
	// config names files, data, or both; data goes before files.
	config transport.Config

	// mu guards what follows.
	mu      sync.Mutex
	checked time.Time
	files   tlsFiles
	tls     *tls.Config
}

// tlsFiles is what the files held when they were read; nil where there is no file, or data in its place.
type tlsFiles struct{ ca, cert, key []byte }

func newTrust(config *transport.Config) (*trust, error) {
	t := &trust{config: *config}
	if err := t.reload(); err != nil {
		return nil, err
	}
	return t, nil
}

// current returns the configuration of new connections, which the caller may not change. It is another one than before when
// a file has changed: connections that were made with the one before are to be given up. Files that cannot be used change nothing.
func (t *trust) current(ctx context.Context) *tls.Config {
	t.mu.Lock()
	defer t.mu.Unlock()
	if time.Since(t.checked) >= reloadPause {
		if err := t.reload(); err != nil {
			klog.FromContext(ctx).Error(err, "Certificates for kubelets cannot be read anew: the old ones stay in use")
		}
	}
	return t.tls
}

// reload reads the files. The caller holds mu, or nobody else has the trust yet.
func (t *trust) reload() error {
	t.checked = time.Now()
	files, err := t.read()
	if err != nil {
		return err
	}
	if t.tls != nil && files.equal(t.files) {
		return nil
	}
	// What the library was given as data it neither watches nor mixes with what a file says a moment later.
	c := t.config
	c.TLS.CAData = either(c.TLS.CAData, files.ca)
	c.TLS.CertData, c.TLS.KeyData = either(c.TLS.CertData, files.cert), either(c.TLS.KeyData, files.key)
	config, err := transport.TLSConfigFor(&c)
	if err != nil {
		return fmt.Errorf("make a TLS configuration for kubelets: %w", err)
	}
	t.files, t.tls = files, config
	return nil
}

func (t *trust) read() (files tlsFiles, err error) {
	of := t.config.TLS
	for _, f := range []struct {
		name string
		data []byte
		into *[]byte
	}{{of.CAFile, of.CAData, &files.ca}, {of.CertFile, of.CertData, &files.cert}, {of.KeyFile, of.KeyData, &files.key}} {
		if f.name == "" || len(f.data) > 0 {
			continue
		}
		if *f.into, err = os.ReadFile(f.name); err != nil {
			return tlsFiles{}, fmt.Errorf("read a certificate for kubelets: %w", err)
		}
		if len(*f.into) == 0 {
			return tlsFiles{}, fmt.Errorf("read %s: %w", f.name, errEmptyFile)
		}
	}
	return files, nil
}

// errEmptyFile is a file that is being written, or was never filled.
var errEmptyFile = errors.New("the file of a certificate is empty")

func (f tlsFiles) equal(other tlsFiles) bool {
	return bytes.Equal(f.ca, other.ca) && bytes.Equal(f.cert, other.cert) && bytes.Equal(f.key, other.key)
}

func either(data, file []byte) []byte {
	if len(data) > 0 {
		return data
	}
	return file
}
