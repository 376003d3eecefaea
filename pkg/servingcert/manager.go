package servingcert

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apiserver/pkg/server/dynamiccertificates"
	"k8s.io/client-go/util/retry"
	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/loglimit"
)

const (
	// interval is the time between two synchronizations, with jitter: two replicas mostly do not write at the same time. It bounds how often caBundle
	// is written where another client replaces it each time.
	interval = 10 * time.Second
	jitter   = 0.2
	// The wait after a failure begins at minBackoff and doubles up to maxBackoff.
	minBackoff = 500 * time.Millisecond
	maxBackoff = time.Minute
	// syncTimeout limits one synchronization.
	syncTimeout = 10 * time.Second
)

// Manager keeps the serving certificate of one server. Only Start changes it; the other methods are safe for concurrent use.
type Manager struct {
	config Config
	issuer *issuer
	// current is what is served.
	current atomic.Pointer[state]
	// pending is why the API server would refuse what is served; nil where it does not.
	pending atomic.Pointer[error]
	// lastFailure is when a request about a resource last failed, in Unix seconds; 0 for never. The map is not changed.
	lastFailure map[string]*atomic.Int64

	mu        sync.Mutex
	listeners []dynamiccertificates.Listener
	// available is how the API server has the own APIServices, by name. mu guards it too.
	available map[string]availability

	// The rest belongs to Start. latest is what the Secret had last; nil before it was read. shared is true once current comes from the Secret. written
	// is the caBundle of each own APIService, as this process has last seen it right.
	latest *state
	shared bool
	// published is the authority of latest, where the synchronization before has found it in caBundle; else nil.
	published *x509.Certificate
	written   map[string][]byte
	logged    loglimit.Limiter
}

// New returns a Manager that serves with a certificate of this process alone until Start has read the one that all replicas share. It sends no request.
func New(config Config) (*Manager, error) {
	m := &Manager{
		config: config, issuer: config.issuer(), written: map[string][]byte{}, available: map[string]availability{},
		lastFailure: map[string]*atomic.Int64{secretResource: {}, apiServiceResource: {}},
	}
	s, err := m.issuer.renew(nil, nil, config.Clock.Now(), nil)
	if err != nil {
		return nil, fmt.Errorf("make a serving certificate for the Service %s: %w", config.Service, err)
	}
	m.current.Store(s)
	m.setPending(errors.New("the Secret was not read yet"))
	return m, nil
}

// Start keeps the certificate and caBundle right until ctx is done. It returns nil: what fails is retried, and logged once per loglimit.Interval.
func (m *Manager) Start(ctx context.Context) error {
	backoff := minBackoff
	for {
		pause := interval
		if err := m.sync(ctx); err != nil {
			pause, backoff = backoff, min(2*backoff, maxBackoff)
		} else {
			backoff = minBackoff
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait.Jitter(pause, jitter)):
		}
	}
}

// sync synchronizes once. Where another replica was faster it begins again. The error was logged.
func (m *Manager) sync(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, syncTimeout)
	defer cancel()
	return retry.OnError(retry.DefaultBackoff, isConflict, func() error {
		problems := m.attempt(limited)
		if i := slices.IndexFunc(problems, isConflict); i >= 0 {
			return problems[i]
		}
		if ctx.Err() == nil { // What failed because the process ends says nothing.
			m.report(ctx, problems)
		}
		return errors.Join(problems...)
	})
}

// attempt does the steps that the package describes.
func (m *Manager) attempt(ctx context.Context) []error {
	services, problems := m.readAPIServices(ctx)
	s, err := m.share(ctx, services.allHave)
	if err != nil {
		m.recordUnshared(err, services)
		return append(problems, err, m.renewAlone())
	}
	m.latest = s
	bundle, err := s.bundle()
	if err != nil {
		return append(problems, err)
	}
	for _, own := range services.own {
		if err := m.writeBundle(ctx, own, bundle); err != nil {
			problems = append(problems, err)
		}
	}
	m.serve(ctx, s, services)
	return problems
}

// serve replaces the certificate that is served. Where its authority is another one, the certificate before is kept for as long as it is valid until two
// synchronizations in a row have found the authority in caBundle: API servers take a moment to notice a new one.
func (m *Manager) serve(ctx context.Context, s *state, services apiServices) {
	before, signer := m.current.Load(), s.signer()
	isNoticed := services.allHave(signer) && sameCertificate(signer, m.published)
	m.published = nil
	if services.allHave(signer) {
		m.published = signer
	}
	if m.shared && !isNoticed && !sameCertificate(signer, before.signer()) && m.issuer.lifetimes.isUsable(before.serving, m.config.Clock.Now()) {
		return
	}
	if !m.shared || !sameCertificate(s.serving, before.serving) {
		klog.FromContext(ctx).Info("Serving with the certificate that all replicas share", "service", m.config.Service, "ends", s.serving.NotAfter)
	}
	m.shared = true
	m.pending.Store(nil)
	m.replace(s)
}

// renewAlone renews the certificate of this process alone, where there is no shared one.
func (m *Manager) renewAlone() error {
	before := m.current.Load()
	if m.shared {
		return nil
	}
	s, err := m.issuer.renew(before, nil, m.config.Clock.Now(), func(*x509.Certificate) bool { return true })
	if err == nil && s != before {
		m.replace(s)
	}
	return err
}

func sameCertificate(a, b *x509.Certificate) bool { return a != nil && b != nil && a.Equal(b) }
