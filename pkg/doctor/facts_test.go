package doctor

import (
	"crypto/x509"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/cert"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

// serving is the chain of a serving certificate, and the bundle that verifies it; both are empty where none could be made. other is another bundle.
var (
	serving = sync.OnceValues(newServing)
	other   = sync.OnceValues(newServing)
)

func newServing() (chain []*x509.Certificate, bundle []byte) {
	text, _, err := cert.GenerateSelfSignedCertKey(hostOf(DefaultService().Name, DefaultService().Namespace), nil, nil)
	if err == nil {
		chain, err = cert.ParseCertsPEM(text)
	}
	if err == nil {
		bundle, err = cert.EncodeCertificates(chain[1])
	}
	if err != nil {
		return nil, nil
	}
	return chain, bundle
}

// healthy are the facts of a cluster in which all is well.
func healthy(t *testing.T) *Facts {
	t.Helper()
	service := DefaultService()
	presented, bundle := serving()
	if len(presented) != 2 {
		t.Fatal("no certificate could be made")
	}
	now := time.Now()
	f := &Facts{
		Host: "https://api.example:6443", Time: now, Service: service, Account: service,
		APIServices: map[string]Fact[*apiregistrationv1.APIService]{}, Discovery: map[string]error{},
		ServiceObject: Fact[*corev1.Service]{Value: &corev1.Service{Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeClusterIP}}},
		Endpoints: Fact[[]discoveryv1.EndpointSlice]{Value: []discoveryv1.EndpointSlice{
			{Endpoints: []discoveryv1.Endpoint{{Addresses: []string{"10.0.0.1"}, Conditions: discoveryv1.EndpointConditions{Ready: new(true)}}}},
		}},
		Authentication: Fact[map[string]string]{Value: map[string]string{frontProxyAuthorities: string(bundle), frontProxyNames: `["front-proxy-client"]`}},
		Usage:          Fact[map[string]NodeUsage]{Value: map[string]NodeUsage{"node-1": {now.Add(-10 * time.Second)}, "node-2": {now.Add(-20 * time.Second)}}},
		Explanations:   map[string]string{},
		Nodes:          Fact[[]Node]{Value: []Node{{"node-1", true}, {"node-2", true}}},
		Leases:         Fact[map[string]time.Duration]{Value: map[string]time.Duration{"node-1": time.Second, "node-2": -time.Second}},
		Autoscalers:    Fact[[]Autoscaler]{Value: []Autoscaler{{NamespacedName: types.NamespacedName{Namespace: "shop", Name: "web"}}}},
	}
	f.Presented.Value = presented
	for _, version := range versions {
		f.Discovery[version] = nil
		f.APIServices[version] = Fact[*apiregistrationv1.APIService]{Value: registered(version, service, bundle)}
	}
	for _, right := range ServerRights(service) {
		f.ServerRights = append(f.ServerRights, RightFact{Right: right, Allowed: true})
	}
	for _, right := range UserRights() {
		f.UserRights = append(f.UserRights, RightFact{Right: right, Allowed: true})
	}
	return f
}

func registered(version string, service types.NamespacedName, bundle []byte) *apiregistrationv1.APIService {
	return &apiregistrationv1.APIService{
		ObjectMeta: metav1.ObjectMeta{Name: apiServiceName(version)},
		Spec: apiregistrationv1.APIServiceSpec{
			Service: &apiregistrationv1.ServiceReference{Namespace: service.Namespace, Name: service.Name, Port: new(int32(443))}, CABundle: bundle,
		},
		Status: apiregistrationv1.APIServiceStatus{Conditions: []apiregistrationv1.APIServiceCondition{
			{Type: apiregistrationv1.Available, Status: apiregistrationv1.ConditionTrue, Reason: "Passed"},
		}},
	}
}

// failed has the aggregator report a condition of both APIServices.
func failed(f *Facts, reason, message string) {
	for _, version := range versions {
		c := &f.APIServices[version].Value.Status.Conditions[0]
		c.Status, c.Reason, c.Message = apiregistrationv1.ConditionFalse, reason, message
	}
}
