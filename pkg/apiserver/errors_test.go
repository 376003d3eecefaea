package apiserver_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestErrorsHaveAReason wants a Status whose message gives the cause.
func TestErrorsHaveAReason(t *testing.T) {
	const cold = " cannot be served yet: 0 of 2 nodes have been scraped"
	tests := []struct {
		name, path string
		notReady   error
		want       metav1.Status
		retryAfter string
	}{
		{"pod without usage", "v1/namespaces/shop/pods/lost", nil,
			notFound("pods", "lost", ": node n2 has not been scraped for 1m20s"), ""},
		{"no such pod", "v1beta1/namespaces/shop/pods/absent", nil, notFound("pods", "absent", ""), ""},
		{"node without usage", "v1/nodes/n2", nil, notFound("nodes", "n2", ": the kubelet of n2 refuses connections"), ""},
		{"pod before it is ready", "v1/namespaces/shop/pods/lost", errCold, unavailable("pods", "lost", cold), "1"},
		{"pods before it is ready", "v1beta1/namespaces/shop/pods", errCold, unavailable("pods", "", cold), "1"},
		{"nodes before it is ready", "v1/nodes", errCold, unavailable("nodes", "", cold), "1"},
		{"unknown field", "v1/pods?fieldSelector=status.phase%3DRunning", nil, metav1.Status{
			Code: http.StatusBadRequest, Reason: metav1.StatusReasonBadRequest,
			Message: `field selector "status.phase" is not supported: use one of "metadata.name", "metadata.namespace", "spec.nodeName"`,
		}, ""},
		{"watch", "v1/nodes?watch=true", nil, metav1.Status{
			Code: http.StatusMethodNotAllowed, Reason: metav1.StatusReasonMethodNotAllowed,
			Message: "watch is not supported on resources of kind \"nodes.metrics.k8s.io\"",
			Details: &metav1.StatusDetails{Group: "metrics.k8s.io", Kind: "nodes"},
		}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			response := get(t.Context(), handler(t, fakeCluster{tt.notReady}.config()), apisMetrics+tt.path, asJSON)
			var got metav1.Status
			if err := json.Unmarshal(response.Body.Bytes(), &got); err != nil {
				t.Fatalf("%v in %s", err, response.Body)
			}
			tt.want.TypeMeta, tt.want.Status = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, metav1.StatusFailure
			if diff := cmp.Diff(tt.want, got); diff != "" || response.Code != int(tt.want.Code) {
				t.Errorf("code %d, %s", response.Code, diff)
			}
			if header := response.Header().Get("Retry-After"); header != tt.retryAfter {
				t.Errorf("Retry-After is %q, want %q", header, tt.retryAfter)
			}
		})
	}
}

// TestGetBeforeItIsReady wants a pod that has usage to be served before all nodes have been scraped.
func TestGetBeforeItIsReady(t *testing.T) {
	response := get(t.Context(), handler(t, fakeCluster{errCold}.config()), apisMetrics+"v1/namespaces/shop/pods/web", asJSON)
	if response.Code != http.StatusOK {
		t.Errorf("%d %s", response.Code, response.Body)
	}
}

func notFound(resource, name, cause string) metav1.Status {
	return metav1.Status{
		Code: http.StatusNotFound, Reason: metav1.StatusReasonNotFound,
		Message: resource + `.metrics.k8s.io "` + name + `" not found` + cause,
		Details: &metav1.StatusDetails{Group: "metrics.k8s.io", Kind: resource, Name: name},
	}
}

func unavailable(resource, name, cause string) metav1.Status {
	return metav1.Status{
		Code: http.StatusServiceUnavailable, Reason: metav1.StatusReasonServiceUnavailable,
		Message: resource + ".metrics.k8s.io" + cause,
		Details: &metav1.StatusDetails{Group: "metrics.k8s.io", Kind: resource, Name: name, RetryAfterSeconds: 1},
	}
}
