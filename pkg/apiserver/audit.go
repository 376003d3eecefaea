package apiserver

import (
	auditinternal "k8s.io/apiserver/pkg/apis/audit"
	"k8s.io/apiserver/pkg/audit"
)

// truncatingAudit is an audit backend whose events repeat little of what a client sent.
type truncatingAudit struct{ audit.Backend }

// truncateAudit returns nil where there is no backend.
func truncateAudit(backend audit.Backend) audit.Backend {
	if backend == nil {
		return nil
	}
	return truncatingAudit{backend}
}

// ProcessEvents implements audit.Sink.
func (s truncatingAudit) ProcessEvents(events ...*auditinternal.Event) bool {
	truncated := make([]*auditinternal.Event, len(events))
	for i, e := range events {
		truncated[i] = truncateEvent(e)
	}
	return s.Backend.ProcessEvents(truncated...)
}

// truncateEvent leaves the event as it is, which belongs to the library, and returns a copy that shares what was not truncated.
func truncateEvent(event *auditinternal.Event) *auditinternal.Event {
	e := *event
	e.RequestURI, e.UserAgent, e.Verb = truncate(e.RequestURI), truncate(e.UserAgent), truncate(e.Verb)
	if e.ObjectRef != nil {
		object := *e.ObjectRef
		for _, text := range []*string{&object.Resource, &object.Namespace, &object.Name, &object.Subresource, &object.APIGroup, &object.APIVersion} {
			*text = truncate(*text)
		}
		e.ObjectRef = &object
	}
	if e.ResponseStatus != nil {
		e.ResponseStatus = truncateStatus(e.ResponseStatus)
	}
	return &e
}
