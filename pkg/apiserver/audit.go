package apiserver

import (
	auditinternal "k8s.io/apiserver/pkg/apis/audit"
	"k8s.io/apiserver/pkg/audit"
)

// maxSources is how many addresses an audit event keeps of those through which the client says that the request came.
const maxSources = 10

// shortAudit is an audit backend whose events repeat little of what a client sent.
type shortAudit struct{ audit.Backend }

// shortenAudit returns nil where there is no backend.
func shortenAudit(backend audit.Backend) audit.Backend {
	if backend == nil {
		return nil
	}
	return shortAudit{backend}
}

// ProcessEvents implements audit.Sink.
func (s shortAudit) ProcessEvents(events ...*auditinternal.Event) bool {
	short := make([]*auditinternal.Event, len(events))
	for i, e := range events {
		short[i] = shortenEvent(e)
	}
	return s.Backend.ProcessEvents(short...)
}

// shortenEvent leaves the event as it is, which belongs to the library, and returns a copy that shares what was not shortened.
func shortenEvent(event *auditinternal.Event) *auditinternal.Event {
	e := *event
	e.RequestURI, e.UserAgent, e.Verb = shorten(e.RequestURI), shorten(e.UserAgent), shorten(e.Verb)
	if len(e.SourceIPs) > maxSources {
		e.SourceIPs = e.SourceIPs[:maxSources]
	}
	if e.ObjectRef != nil {
		object := *e.ObjectRef
		for _, text := range []*string{&object.Resource, &object.Namespace, &object.Name, &object.Subresource, &object.APIGroup, &object.APIVersion} {
			*text = shorten(*text)
		}
		e.ObjectRef = &object
	}
	if e.ResponseStatus != nil {
		e.ResponseStatus = shortenStatus(e.ResponseStatus)
	}
	return &e
}
