package doctor

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// checkPod reports why a pod has no usage, and what an autoscaler would not accept of it.
func checkPod(f *Facts, s *section) {
	object := "pod/" + f.Target.Pod.String()
	switch err := f.PodError; {
	case err == nil:
		s.ok("the pod has usage")
	case apierrors.IsNotFound(err):
		s.explain(object, err.Error(), "")
	case apierrors.IsForbidden(err):
		s.unknown("the usage of the pod could not be read: you have no right to do so")
	case len(causesIn(err.Error())) > 0:
		s.explain(object, err.Error(), "")
	default:
		s.unknown("the usage of the pod could not be read: %s", reasonFor(err))
	}
	if without := withoutRequest(f.Pod); len(without) > 0 {
		s.ok("no CPU request, so an autoscaler cannot use a percentage: container %s", strings.Join(without, ", "))
	}
}

// withoutRequest are the containers of a pod for which an autoscaler that is given a percentage of CPU does not find a request.
func withoutRequest(pod *corev1.Pod) (names []string) {
	if pod.Spec.Resources != nil {
		if _, ok := pod.Spec.Resources.Requests[corev1.ResourceCPU]; ok {
			return nil
		}
	}
	for _, c := range pod.Spec.Containers {
		if _, ok := c.Resources.Requests[corev1.ResourceCPU]; !ok {
			names = append(names, c.Name)
		}
	}
	return names
}
