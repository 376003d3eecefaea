package doctor

import (
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"k8s.io/client-go/rest"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

// TestCredentialsAreSentToPlimsollAlone names an address where a server responds that caBundle does not verify, with a kubeconfig that verifies nothing.
func TestCredentialsAreSentToPlimsollAlone(t *testing.T) {
	var requests atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		_, _ = w.Write([]byte("[]"))
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	a, err := NewAccess(&rest.Config{Host: server.URL, BearerToken: "secret", TLSClientConfig: rest.TLSClientConfig{Insecure: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	own := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	for name, bundle := range map[string][]byte{"no bundle": nil, "a bundle that verifies another name": own} {
		t.Run(name, func(t *testing.T) {
			f := &Facts{Service: DefaultService(), APIServices: map[string]Fact[*apiregistrationv1.APIService]{}}
			for _, version := range versions {
				s := &apiregistrationv1.APIService{}
				s.Spec.Service = &apiregistrationv1.ServiceReference{Namespace: f.Service.Namespace, Name: f.Service.Name}
				s.Spec.CABundle = bundle
				f.APIServices[version] = Fact[*apiregistrationv1.APIService]{Value: s}
			}
			_, err := a.statesAt(t.Context(), f, strings.TrimPrefix(server.URL, "https://"))
			if err == nil || requests.Load() > 0 || errors.Is(err, errNoBundle) != (bundle == nil) {
				t.Errorf("%d requests were sent, %v", requests.Load(), err)
			}
		})
	}
}
