package doctor

import (
	"regexp"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"

	"github.com/plimsoll/plimsoll/pkg/cause"
)

// codes match the codes in a message of Plimsoll's.
var codes = regexp.MustCompile(`PLM(-[A-Z0-9]+)+`)

// causesIn are the causes that a message names by their codes. A code that this program does not know is none.
func causesIn(message string) (found []cause.Cause) {
	for _, code := range codes.FindAllString(message, -1) {
		if c, ok := cause.ByCode(code); ok {
			found = append(found, c)
		}
	}
	return found
}

// checkAPI checks that the API server brings usage from Plimsoll.
func checkAPI(f *Facts, s *section) {
	for _, version := range versions {
		switch registered := f.APIServices[version]; {
		case registered.Err != nil || available(registered.Value).Status != apiregistrationv1.ConditionTrue:
			// Another check has the reason.
			if f.Discovery[version] != nil {
				s.unknown("%s is not available", apiServiceName(version))
			}
		case f.Discovery[version] != nil:
			s.find(cause.APIError, metricsPath(version), reasonFor(f.Discovery[version]))
		default:
			s.ok("%s is served", metricsPath(version))
		}
	}
	err := f.Usage.Err
	if f.Target.Pod.Name != "" || err == nil || f.Discovery[versions[0]] != nil {
		return
	}
	object := metricsPath(versions[0]) + "/nodes"
	switch found := causesIn(err.Error()); {
	case apierrors.IsForbidden(err):
		s.unknown("usage of nodes could not be listed: you have no right to do so")
	case len(found) == 0:
		s.find(cause.APIError, object, reasonFor(err))
	default:
		for _, c := range found {
			s.find(c, object, err.Error())
		}
	}
}
