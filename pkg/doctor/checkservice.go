package doctor

import (
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	corev1 "k8s.io/api/core/v1"

	"github.com/plimsoll/plimsoll/pkg/cause"
)

// checkService checks that the Service leads to a pod that is ready.
func checkService(f *Facts, s *section) {
	object := "service/" + f.Service.String()
	switch err := f.ServiceObject.Err; {
	case apierrors.IsNotFound(err):
		s.find(cause.APIServiceNoService, object, "")
		return
	case err != nil:
		s.unknown("service %s could not be read: %s", f.Service, reasonFor(err))
		return
	case f.ServiceObject.Value.Spec.Type == corev1.ServiceTypeExternalName:
		s.ok("service %s stands for the name %s, and has no endpoints", f.Service, f.ServiceObject.Value.Spec.ExternalName)
		return
	case f.Endpoints.Err != nil:
		s.unknown("endpoints of service %s could not be listed: %s", f.Service, reasonFor(f.Endpoints.Err))
		return
	}
	if ready := f.readyEndpoints(); ready > 0 {
		s.ok("service %s has %d ready endpoints", f.Service, ready)
		return
	}
	s.find(cause.APIServiceNoEndpoints, object, f.whyNotReady())
}

func (f *Facts) readyEndpoints() (ready int) {
	for _, slice := range f.Endpoints.Value {
		for _, e := range slice.Endpoints {
			if e.Conditions.Ready == nil || *e.Conditions.Ready {
				ready += len(e.Addresses)
			}
		}
	}
	return ready
}

// whyNotReady is what the first pod waits for.
func (f *Facts) whyNotReady() string {
	switch {
	case f.Pods.Err != nil:
		return "its pods could not be listed: " + reasonFor(f.Pods.Err)
	case len(f.Pods.Value) == 0:
		return "there is no pod with the labels that the Service selects"
	}
	pod := f.Pods.Value[0]
	for _, c := range pod.Status.ContainerStatuses {
		if w := c.State.Waiting; w != nil {
			return "pod " + pod.Name + ": " + w.Reason + ": " + w.Message
		}
	}
	for _, c := range pod.Status.Conditions {
		if c.Status != corev1.ConditionTrue && c.Message != "" {
			return "pod " + pod.Name + ": " + c.Message
		}
	}
	return "pod " + pod.Name + " is " + string(pod.Status.Phase) + " and not ready"
}
