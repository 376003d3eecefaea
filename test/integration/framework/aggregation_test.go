package framework

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	aggregator "k8s.io/kube-aggregator/pkg/client/clientset_generated/clientset"

	"github.com/plimsoll/plimsoll/test/framework/controlplane"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// checkAggregation registers a server with the aggregator that returns the name of the caller, as far as the API server proves itself.
func checkAggregation(t *testing.T, c *controlplane.ControlPlane, client kubernetes.Interface) {
	server := frontProxied(t, c)
	port := int32(server.Listener.Addr().(*net.TCPAddr).Port)
	service := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "echo"},
		// An Endpoints object may not hold a loopback address, but a name may stand for one.
		Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName, ExternalName: "localhost", Ports: []corev1.ServicePort{{Port: port}}},
	}
	if _, err := client.CoreV1().Services(metav1.NamespaceDefault).Create(t.Context(), service, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	api := &apiregistrationv1.APIService{
		ObjectMeta: metav1.ObjectMeta{Name: "v1.echo.example.com"},
		Spec: apiregistrationv1.APIServiceSpec{
			Group: "echo.example.com", Version: "v1", GroupPriorityMinimum: 100, VersionPriority: 100, CABundle: c.CABundle(),
			Service: &apiregistrationv1.ServiceReference{Namespace: metav1.NamespaceDefault, Name: service.Name, Port: &port},
		},
	}
	registry := aggregator.NewForConfigOrDie(c.AdminConfig()).ApiregistrationV1().APIServices()
	if _, err := registry.Create(t.Context(), api, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	// The API server goes on requesting discovery; without the server behind it, its end is noise in the log.
	defer func() { _ = registry.Delete(context.WithoutCancel(t.Context()), api.Name, metav1.DeleteOptions{}) }()
	poll.Eventually(t, 20*time.Second, func(ctx context.Context) error {
		body, err := client.Discovery().RESTClient().Get().AbsPath("/apis/echo.example.com/v1/whoami").DoRaw(ctx)
		if err == nil && !strings.Contains(string(body), "plimsoll-admin") {
			err = fmt.Errorf("the aggregated server saw %s", body)
		}
		return err
	})
}

// frontProxied serves with a certificate of the cluster and lets only the front proxy in.
func frontProxied(t *testing.T, c *controlplane.ControlPlane) *httptest.Server {
	cert, key, err := c.ServingCert([]string{"echo.default.svc"}, []net.IP{net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	serving, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	frontProxy, err := os.ReadFile(c.FrontProxyCAFile())
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(frontProxy)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"echo.example.com/v1","resources":[],"user":%q}`,
			r.Header.Get("X-Remote-User"))
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{serving}, ClientCAs: trusted, ClientAuth: tls.RequireAndVerifyClientCert}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}
