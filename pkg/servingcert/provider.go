package servingcert

import (
	"fmt"
	"iter"
	"net/http"
	"time"

	"k8s.io/apiserver/pkg/server/dynamiccertificates"
	"k8s.io/apiserver/pkg/server/healthz"
)

var _ dynamiccertificates.CertKeyContentProvider = &Manager{}

// replace has new connections use the certificate.
func (m *Manager) replace(s *state) {
	m.current.Store(s)
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.listeners {
		l.Enqueue()
	}
}

// recordUnshared records why there is no shared certificate; one that was read before stays. Where there will be none, the server is ready if the API server does
// not verify it, as before there was a shared one. Otherwise it is not, so that a rollout does not replace servers that work.
func (m *Manager) recordUnshared(err error, services apiServices) {
	if m.shared || isFinal(err) && !services.isVerified() {
		m.pending.Store(nil)
		return
	}
	m.setPending(err)
}

func (m *Manager) setPending(err error) { m.pending.Store(&err) }

// ReadyCheck fails while the API server would refuse the certificate that is served.
func (m *Manager) ReadyCheck() healthz.HealthChecker {
	return healthz.NamedCheck("serving-certificate", func(*http.Request) error {
		if err := m.pending.Load(); err != nil {
			return fmt.Errorf("the serving certificate that all replicas share is not served: %w", *err)
		}
		return nil
	})
}

// Expiry returns when the certificate that is served ends, and when the authority that has signed it does.
func (m *Manager) Expiry() (serving, authority time.Time) {
	s := m.current.Load()
	return s.serving.NotAfter, s.signer().NotAfter
}

// LastFailures iterates over the resources that the server keeps, and when a request about each last failed, in Unix seconds; 0 for never. A Secret of
// another program counts as a failure, and so does a caBundle that another client has replaced. A conflict with another replica does not.
func (m *Manager) LastFailures() iter.Seq2[string, int64] {
	return func(yield func(string, int64) bool) {
		for resource, last := range m.lastFailure {
			if !yield(resource, last.Load()) {
				return
			}
		}
	}
}

// Name implements dynamiccertificates.CertKeyContentProvider.
func (m *Manager) Name() string {
	return "serving certificate of the Service " + m.config.Service.String()
}

// CurrentCertKeyContent implements dynamiccertificates.CertKeyContentProvider. The caller must not change the result.
func (m *Manager) CurrentCertKeyContent() (certificate, key []byte) {
	s := m.current.Load()
	return s.servingPEM, s.servingKeyPEM
}

// AddListener implements dynamiccertificates.Notifier.
func (m *Manager) AddListener(l dynamiccertificates.Listener) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.listeners = append(m.listeners, l)
}
