package doctor

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/cert"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	aggregator "k8s.io/kube-aggregator/pkg/client/clientset_generated/clientset/typed/apiregistration/v1"

	"github.com/plimsoll/plimsoll/test/framework/process"
)

var names = []string{"v1beta1.metrics.k8s.io", "v1.metrics.k8s.io"}

func registry(t *testing.T) aggregator.APIServiceInterface {
	t.Helper()
	client, err := aggregator.NewForConfig(env.AdminConfig())
	if err != nil {
		t.Fatal(err)
	}
	return client.APIServices()
}

// patchAPIServices changes the spec of both APIServices. They are as before at the end of the test, when doctor finds nothing any more.
func patchAPIServices(t *testing.T, spec map[string]any) {
	t.Helper()
	services := registry(t)
	for _, name := range names {
		before, err := services.Get(t.Context(), name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			patch(t, services, name, map[string]any{"caBundle": before.Spec.CABundle, "service": before.Spec.Service, "insecureSkipTLSVerify": false})
		})
		patch(t, services, name, spec)
	}
}

func patch(t *testing.T, services aggregator.APIServiceInterface, name string, spec map[string]any) {
	t.Helper()
	data, err := json.Marshal(map[string]any{"spec": spec})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	defer cancel()
	if _, err := services.Patch(ctx, name, types.MergePatchType, data, metav1.PatchOptions{}); err != nil {
		t.Error(err)
	}
}

// TestAPIServices plants the faults between the API server and Plimsoll.
func TestAPIServices(t *testing.T) {
	other, _, err := cert.GenerateSelfSignedCertKey("other", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	closed, err := process.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		spec map[string]any
		code string
		cure string
	}{
		{"wrong authority", map[string]any{"caBundle": other}, "PLM-CABUNDLE-WRONG", "leave caBundle out"},
		{"no caBundle", map[string]any{"caBundle": nil}, "PLM-CABUNDLE-MISSING", "right to patch the APIService"},
		{"foreign APIService", map[string]any{"service": map[string]any{"namespace": "kube-system", "name": "metrics-server", "port": 443}}, "PLM-APISERVICE-FOREIGN", "remove the other server"},
		{"no such Service port", map[string]any{"service": map[string]any{"namespace": "plimsoll-system", "name": "plimsoll", "port": closed}}, "PLM-APISERVICE-NO-ROUTE", "firewalls"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			awaitHealthy(t)
			patchAPIServices(t, tt.spec)
			found := awaitFinding(t, tt.code, "apiservice/"+names[0])
			if !strings.Contains(found.Cure, tt.cure) || found.Count != len(names) {
				t.Errorf("got %+v, want both APIServices and a cure with %q", found, tt.cure)
			}
		})
	}
	awaitHealthy(t)
}

// TestNoRoute has the server accept connections and never respond, as where a firewall drops packets.
func TestNoRoute(t *testing.T) {
	awaitHealthy(t)
	if err := env.Server.Suspend(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := env.Server.Resume(); err != nil {
			t.Error(err)
		}
		awaitHealthy(t)
	}()
	awaitFinding(t, "PLM-APISERVICE-NO-ROUTE", "apiservice/"+names[0])
}

// TestMissingAPIService unregisters the version that the autoscaler requests.
func TestMissingAPIService(t *testing.T) {
	awaitHealthy(t)
	services := registry(t)
	before, err := services.Get(t.Context(), names[0], metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := services.Delete(t.Context(), names[0], metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		again := &apiregistrationv1.APIService{ObjectMeta: metav1.ObjectMeta{Name: names[0]}, Spec: before.Spec}
		if _, err := services.Create(context.WithoutCancel(t.Context()), again, metav1.CreateOptions{}); err != nil {
			t.Error(err)
		}
		awaitHealthy(t)
	}()
	awaitFinding(t, "PLM-APISERVICE-MISSING", "apiservice/"+names[0])
}

// TestService has the APIServices lead to a Service that is Plimsoll's by its label and has no endpoints, and to one that does not exist.
func TestService(t *testing.T) {
	awaitHealthy(t)
	services := env.Client.CoreV1().Services("plimsoll-system")
	object := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "usage", Labels: map[string]string{"app.kubernetes.io/name": "plimsoll"}},
		Spec:       corev1.ServiceSpec{Selector: map[string]string{"app": "nothing"}, Ports: []corev1.ServicePort{{Name: "https", Port: 443}}},
	}
	if _, err := services.Create(t.Context(), object, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	patchAPIServices(t, map[string]any{"service": map[string]any{"namespace": "plimsoll-system", "name": "usage", "port": 443}})
	// Where no pod shows the account, it is taken to have the name of the Service.
	found := awaitFinding(t, "PLM-APISERVICE-NO-ENDPOINTS", "apiservice/"+names[0], "PLM-RBAC-SERVER")
	if !slices.Contains(found.Objects, "service/plimsoll-system/usage") || !slices.Contains(found.Details, "there is no pod with the labels that the Service selects") {
		t.Errorf("got %+v", found)
	}
	if err := services.Delete(t.Context(), "usage", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	awaitFindingOf(t, []string{"--service=plimsoll-system/usage"}, "PLM-APISERVICE-NO-SERVICE", "apiservice/"+names[0], "PLM-RBAC-SERVER")
}
