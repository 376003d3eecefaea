package doctor

import (
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"

	"github.com/plimsoll/plimsoll/pkg/cause"
)

// checkAPIServices checks that metrics.k8s.io is registered, leads to Plimsoll, and that the API server reaches it there.
func checkAPIServices(f *Facts, s *section) {
	for _, version := range versions {
		name := apiServiceName(version)
		registered := f.APIServices[version]
		switch {
		case apierrors.IsNotFound(registered.Err) && version != versions[0] && f.isOwn(versions[0]):
			s.ok("%s is not registered, as with components/v1beta1-only", name)
		case apierrors.IsNotFound(registered.Err):
			s.find(cause.APIServiceMissing, "apiservice/"+name, "")
		case registered.Err != nil:
			s.unknown("%s could not be read: %s", name, reasonFor(registered.Err))
		case !f.isOwn(version):
			s.find(cause.APIServiceForeign, "apiservice/"+name, name+" leads to "+f.owner(version))
		default:
			s.availability(registered.Value)
		}
	}
}

// isOwn is true where an APIService leads to Plimsoll.
func (f *Facts) isOwn(version string) bool {
	name, ok := reference(f.APIServices[version])
	return ok && name == f.Service
}

// owner is the Service to which an APIService leads, with the program that it belongs to.
func (f *Facts) owner(version string) string {
	name, ok := reference(f.APIServices[version])
	if !ok {
		return "no Service: the API server itself is to serve it"
	}
	text := "service " + name.String()
	if owner := f.Foreign[name]; owner != "" && owner != name.Name {
		text += " of " + owner
	}
	return text
}

// availability reports why the aggregator does not send requests to Plimsoll.
func (s *section) availability(registered *apiregistrationv1.APIService) {
	condition := available(registered)
	if condition.Status == apiregistrationv1.ConditionTrue {
		s.ok("%s is available", registered.Name)
		return
	}
	detail := registered.Name + ": " + condition.Reason + ": " + condition.Message
	if condition.Reason == "" {
		detail = registered.Name + ": the API server has not checked it yet"
	}
	s.find(unavailable(registered, condition), "apiservice/"+registered.Name, detail)
}

func available(registered *apiregistrationv1.APIService) apiregistrationv1.APIServiceCondition {
	for _, c := range registered.Status.Conditions {
		if c.Type == apiregistrationv1.Available {
			return c
		}
	}
	return apiregistrationv1.APIServiceCondition{Status: apiregistrationv1.ConditionUnknown}
}

// unavailable is the cause of a condition of the aggregator's. It has no codes, so the causes of failed requests are found in their texts.
func unavailable(registered *apiregistrationv1.APIService, c apiregistrationv1.APIServiceCondition) cause.Cause {
	switch c.Reason {
	case "ServiceNotFound", "ServicePortError":
		return cause.APIServiceNoService
	case "EndpointsNotFound", "MissingEndpoints":
		return cause.APIServiceNoEndpoints
	}
	if found := certificateCause(c.Message); found != cause.None {
		if len(registered.Spec.CABundle) == 0 {
			return cause.CABundleMissing
		}
		return found
	}
	switch {
	case containsAny(c.Message, ": 401", ": 403"):
		return cause.FrontProxyRefused
	case containsAny(c.Message, "timeout", "timed out", "deadline exceeded", "refused", "no route", "unreachable", "EOF", "reset by peer", "no such host", "Client.Timeout"):
		return cause.APIServiceNoRoute
	}
	return cause.APIServiceUnavailable
}

func containsAny(text string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}
