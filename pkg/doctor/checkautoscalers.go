package doctor

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/plimsoll/plimsoll/pkg/cause"
)

// checkAutoscalers checks that the autoscalers that read CPU or memory can do so.
func checkAutoscalers(f *Facts, s *section) {
	if f.Autoscalers.Err != nil {
		s.unknown("autoscalers could not be listed: %s", reasonFor(f.Autoscalers.Err))
		return
	}
	active := 0
	for _, autoscaler := range f.Autoscalers.Value {
		condition, failed := inactive(autoscaler)
		if !failed {
			active++
			continue
		}
		s.find(autoscalerCause(condition), "horizontalpodautoscaler/"+autoscaler.String(), autoscaler.String()+": "+condition.Message)
	}
	s.ok("%d of %d autoscalers on CPU or memory read their metrics", active, len(f.Autoscalers.Value))
}

// inactive returns the condition of an autoscaler that cannot read metrics.k8s.io. One that is scaled to zero, or was just created, is not among them.
func inactive(a Autoscaler) (autoscalingv2.HorizontalPodAutoscalerCondition, bool) {
	for _, c := range a.Conditions {
		if c.Type == autoscalingv2.ScalingActive && c.Status == corev1.ConditionFalse && (c.Reason == "FailedGetResourceMetric" || c.Reason == "FailedGetContainerResourceMetric") {
			return c, true
		}
	}
	return autoscalingv2.HorizontalPodAutoscalerCondition{}, false
}

// autoscalerCause finds the cause in the message of a condition, which has no codes.
func autoscalerCause(c autoscalingv2.HorizontalPodAutoscalerCondition) cause.Cause {
	switch {
	case containsAny(c.Message, "missing request for"):
		return cause.HPANoRequest
	case containsAny(c.Message, "no metrics returned", "did not receive metrics", "no pods returned"):
		return cause.HPANoUsage
	case containsAny(c.Message, "forbidden"):
		return cause.HPAForbidden
	case containsAny(c.Message, "unable to handle the request", "could not find the requested resource", "not available"):
		return cause.HPANoAPI
	}
	return cause.HPAOther
}
