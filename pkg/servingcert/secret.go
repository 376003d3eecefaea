package servingcert

import (
	"context"
	"crypto/x509"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/klog/v2"
)

// share returns the state that all replicas share. Where something in it is due, it stores the next one; the error is a conflict where another replica
// has done so in the meantime.
func (m *Manager) share(ctx context.Context, isPublished func(*x509.Certificate) bool) (*state, error) {
	name := SecretName(m.config.Service.Name)
	secret, err := m.config.Secrets.Get(ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		secret = &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: m.config.Service.Namespace, Name: name}, Type: SecretType}
	case err != nil:
		return nil, denied(err, noRightToSecret, "get", secretResource, name)
	case secret.Type != SecretType:
		return nil, &problem{
			code: "foreign Secret", message: foreignSecret, resource: secretResource, keysAndValues: []any{"secret", klog.KObj(secret)}, final: true,
			err: fmt.Errorf("the Secret %s has the type %q, not %q", klog.KObj(secret), secret.Type, SecretType),
		}
	}
	before := m.read(ctx, secret)
	after, err := m.issuer.renew(before, m.formerAuthorities(), m.config.Clock.Now(), isPublished)
	if err != nil || after == before {
		return after, err
	}
	return after, m.store(ctx, secret, after)
}

// read returns the state in a Secret; nil where there is none that can be used.
func (m *Manager) read(ctx context.Context, secret *corev1.Secret) *state {
	if len(secret.Data) == 0 {
		return nil
	}
	s, err := decode(secret.Data)
	if err != nil {
		m.report(ctx, []error{&problem{code: "unusable Secret", message: unusableSecret, keysAndValues: []any{"secret", klog.KObj(secret)}, err: err}})
	}
	return s
}

// formerAuthorities are those that the Secret had when it was read last; none after a start.
func (m *Manager) formerAuthorities() []*x509.Certificate {
	if m.latest == nil {
		return nil
	}
	return m.latest.authorities
}

// store replaces the content of a Secret that was read before, or creates it.
func (m *Manager) store(ctx context.Context, read *corev1.Secret, s *state) error {
	secret := read.DeepCopy()
	if err := s.encode(secret); err != nil {
		return err
	}
	verb, err := "update", error(nil)
	if secret.ResourceVersion == "" {
		verb = "create"
		_, err = m.config.Secrets.Create(ctx, secret, metav1.CreateOptions{})
	} else {
		_, err = m.config.Secrets.Update(ctx, secret, metav1.UpdateOptions{})
	}
	if err != nil {
		return denied(err, noRightToSecret, verb, secretResource, secret.Name)
	}
	klog.FromContext(ctx).Info("Stored a certificate that was due", "secret", klog.KObj(secret),
		"authorities", len(s.authorities), "authorityEnds", s.authorities[0].NotAfter, "servingEnds", s.serving.NotAfter)
	return nil
}
