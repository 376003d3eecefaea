package doctor

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// TestChooseService finds Plimsoll's Service and account, and who owns another one.
func TestChooseService(t *testing.T) {
	other := types.NamespacedName{Namespace: "kube-system", Name: "metrics-server"}
	tests := []struct {
		name string
		// leads is to where v1beta1 leads, v1 leads to the default. labels are those of that Service.
		leads            types.NamespacedName
		labels           map[string]string
		options          Options
		service, account types.NamespacedName
		foreign          string
	}{
		{name: "default", leads: DefaultService(), service: DefaultService(), account: DefaultService()},
		{name: "another server", leads: other, labels: map[string]string{"k8s-app": "metrics-server"}, service: DefaultService(), account: DefaultService(), foreign: "metrics-server"},
		{name: "without labels", leads: other, service: DefaultService(), account: DefaultService(), foreign: "metrics-server"},
		{name: "labelled", leads: other, labels: map[string]string{nameLabel: "plimsoll"}, service: other, account: other},
		{name: "named by the user", leads: other, labels: map[string]string{"k8s-app": "metrics-server"}, options: Options{Service: other}, service: other, account: types.NamespacedName{Namespace: "kube-system", Name: "usage"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, _, err := gather(t, tt.options, func(w http.ResponseWriter, q *http.Request) {
				switch {
				case strings.HasPrefix(q.URL.Path, "/apis/apiregistration.k8s.io/v1/apiservices/"):
					version, _, _ := strings.Cut(strings.TrimPrefix(q.URL.Path, "/apis/apiregistration.k8s.io/v1/apiservices/"), ".")
					leads := DefaultService()
					if version == "v1beta1" {
						leads = tt.leads
					}
					respond(w, registered(version, leads, nil))
				case strings.HasSuffix(q.URL.Path, "/services/"+tt.leads.Name):
					object := map[string]any{"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"name": tt.leads.Name, "labels": tt.labels}}
					if tt.options.Service.Name != "" {
						object["spec"] = map[string]any{"selector": map[string]string{"app": "usage"}}
					}
					respond(w, object)
				case q.URL.Path == "/api/v1/namespaces/kube-system/pods" && q.URL.Query().Get("labelSelector") == "app=usage":
					respond(w, map[string]any{"apiVersion": "v1", "kind": "PodList", "items": []corev1.Pod{{Spec: corev1.PodSpec{ServiceAccountName: "usage"}}}})
				default:
					refuse(w, q)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			got := []string{f.Service.String(), f.Account.String(), f.Foreign[other]}
			if diff := cmp.Diff([]string{tt.service.String(), tt.account.String(), tt.foreign}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func respond(w http.ResponseWriter, object any) { _ = json.NewEncoder(w).Encode(object) }

// TestWhyNotReady is what a person reads of the pods behind a Service without endpoints.
func TestWhyNotReady(t *testing.T) {
	for name, tt := range map[string]struct {
		pods Fact[[]corev1.Pod]
		want string
	}{
		"no right": {Fact[[]corev1.Pod]{Err: errForbidden}, "its pods could not be listed: you have no right to do so"},
		"no pod":   {Fact[[]corev1.Pod]{}, "there is no pod with the labels that the Service selects"},
		"waits": {podIn(corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ImagePullBackOff", Message: "no such image"}}}}}),
			"pod web: ImagePullBackOff: no such image"},
		"a condition":   {podIn(corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Message: "0/3 nodes are available"}}}), "pod web: 0/3 nodes are available"},
		"nothing known": {podIn(corev1.PodStatus{Phase: corev1.PodRunning}), "pod web is Running and not ready"},
	} {
		if got := (&Facts{Pods: tt.pods}).whyNotReady(); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

func podIn(status corev1.PodStatus) Fact[[]corev1.Pod] {
	pod := corev1.Pod{Status: status}
	pod.Name = "web"
	return Fact[[]corev1.Pod]{Value: []corev1.Pod{pod}}
}
