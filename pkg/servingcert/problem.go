package servingcert

import (
	"context"
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/klog/v2"
)

// problem is an error with the sentence that a person reads: what does not work, why, and the cure.
type problem struct {
	// code is the log's: each is logged once per loglimit.Interval.
	code    string
	message string
	// resource is that of the object: secretResource or apiServiceResource; empty where the problem is with none.
	resource string
	// keysAndValues name the object.
	keysAndValues []any
	err           error
	// final is true where retrying does not help until a person has done something.
	final bool
}

// Error implements error.
func (p *problem) Error() string { return p.message + ": " + p.err.Error() }

// Unwrap returns the API server's error.
func (p *problem) Unwrap() error { return p.err }

// The messages of problems, and of what else a person should know. docs/certificates.md has each of them.
const (
	noRightToSecret = "Plimsoll has no right to the Secret of its serving certificate. The certificate that is served stays: " +
		"after a start that is one of this process alone, which no caBundle verifies. Grant the right, which manifests/base has, or leave out --serving-certificate-service"
	noRightToAPIService = "Plimsoll has no right to the APIService, so its caBundle is not kept: grant the right, which manifests/base has, or write ca.crt of the Secret into caBundle by other means"
	requestFailed       = "The API server did not carry out a request about the serving certificate. The certificate that is served stays, and Plimsoll retries"
	foreignSecret       = "The Secret of the serving certificate belongs to another program, since its type is not Plimsoll's. It is left as it is, and the " +
		"certificate that is served stays: after a start that is one of this process alone, which no caBundle verifies. Where nothing needs the Secret, delete it and apply manifests/base again"
	unusableSecret    = "The content of the Secret cannot be used. Plimsoll replaces it"
	foreignAPIService = "The APIService leads to another Service than this server's, so its caBundle is left as it is: to have the APIService lead to this server, " +
		"correct its spec.service or --serving-certificate-service"
	overwrittenBundle = "Another client has replaced caBundle, and Plimsoll has written it again: have that client leave caBundle out, as docs/certificates.md shows for GitOps tools"
)

// denied makes a problem of a failed request. The right that is missing is in the keys and values.
func denied(err error, message, verb, resource, name string) *problem {
	p := &problem{
		code: "request/" + name, message: requestFailed, resource: resource, keysAndValues: []any{"verb", verb, "resource", resource, "name", name}, err: err,
	}
	if apierrors.IsForbidden(err) {
		p.code, p.message, p.final = "right/"+verb+"/"+name, message, true
	}
	return p
}

// isConflict is true where another client was faster: the newer state is read again, and there is nothing to report.
func isConflict(err error) bool {
	return apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err)
}

// isFinal is true where retrying does not help.
func isFinal(err error) bool {
	var p *problem
	return errors.As(err, &p) && p.final
}

// report logs the problems, each once in a while, and records when they came about.
func (m *Manager) report(ctx context.Context, problems []error) {
	for _, err := range problems {
		if err == nil {
			continue
		}
		p := &problem{code: "other", message: requestFailed, err: err}
		errors.As(err, &p)
		m.noteFailure(p.resource)
		if m.logged.IsNew(p.code) {
			klog.FromContext(ctx).Error(p.err, p.message, p.keysAndValues...)
		}
	}
}

// noteFailure records that a resource was not as it should be just now; empty for none.
func (m *Manager) noteFailure(resource string) {
	if last := m.lastFailure[resource]; last != nil {
		last.Store(m.config.Clock.Now().Unix())
	}
}

// notice logs what is no error, once in a while.
func (m *Manager) notice(ctx context.Context, code, message string, keysAndValues ...any) {
	if m.logged.IsNew(code) {
		klog.FromContext(ctx).Info(message, keysAndValues...)
	}
}
