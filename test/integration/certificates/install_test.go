package certificates

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	aggregator "k8s.io/kube-aggregator/pkg/client/clientset_generated/clientset/typed/apiregistration/v1"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// The names are those of the manifests.
const (
	namespace  = "plimsoll-system"
	service    = "plimsoll"
	host       = "plimsoll.plimsoll-system.svc"
	secretName = "plimsoll-serving-certificate"
	secretType = "plimsoll.io/serving-certificate"
)

var versions = []string{"v1", "v1beta1"}

// within is how long a server may take to have all in order: a few synchronizations.
const within = time.Minute

func objectName(version string) string { return version + ".metrics.k8s.io" }

func apiServices(t *testing.T) aggregator.APIServiceInterface {
	t.Helper()
	client, err := aggregator.NewForConfig(env.AdminConfig())
	if err != nil {
		t.Fatal(err)
	}
	return client.APIServices()
}

// resetSecret puts a Secret in the place of the one that is there; nil for the one of the manifests.
func resetSecret(t *testing.T, secret *corev1.Secret) {
	t.Helper()
	if secret == nil {
		secret = &corev1.Secret{Type: secretType}
	}
	secret.Namespace, secret.Name = namespace, secretName
	secrets := env.Client.CoreV1().Secrets(namespace)
	if err := secrets.Delete(t.Context(), secretName, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
		t.Fatal(err)
	}
	if _, err := secrets.Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// secretData is what the Secret holds.
func secretData(ctx context.Context) (map[string][]byte, error) {
	secret, err := env.Client.CoreV1().Secrets(namespace).Get(ctx, secretName, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	return secret.Data, nil
}

// launch starts a Plimsoll that makes its own certificate, ready or not, with further flags that win. It ends with the test.
func launch(t *testing.T, args ...string) *cluster.Server {
	t.Helper()
	program, err := env.Plimsoll(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	own := []string{"--tls-cert-file=", "--tls-private-key-file=", "--serving-certificate-service=" + namespace + "/" + service}
	server, err := env.Launch(program, append(own, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// register has the aggregator send both versions to a server, as change leaves the APIServices. They go with the test.
func register(t *testing.T, server *cluster.Server, change func(*apiregistrationv1.APIService)) {
	t.Helper()
	createService(t, service)
	port := int32(server.Port)
	for n, version := range versions {
		object := &apiregistrationv1.APIService{
			ObjectMeta: metav1.ObjectMeta{Name: objectName(version)},
			Spec: apiregistrationv1.APIServiceSpec{
				Group: "metrics.k8s.io", Version: version, GroupPriorityMinimum: 100, VersionPriority: int32(200 - 100*n),
				Service: &apiregistrationv1.ServiceReference{Namespace: namespace, Name: service, Port: &port},
			},
		}
		change(object)
		if _, err := apiServices(t).Create(t.Context(), object, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unregister(t, version) })
	}
}

// createService makes a Service that leads to servers on loopback, unless it is there.
func createService(t *testing.T, name string) {
	t.Helper()
	_, err := env.Client.CoreV1().Services(namespace).Create(t.Context(), &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName, ExternalName: "localhost"},
	}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
}

func unregister(t *testing.T, version string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	defer cancel()
	if err := apiServices(t).Delete(ctx, objectName(version), metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
		t.Error(err)
	}
}

func unchanged(*apiregistrationv1.APIService) {}

// awaitVerified waits until a client of the API server gets the nodes under both versions, through a connection that caBundle verifies.
func awaitVerified(t *testing.T, server *cluster.Server) {
	t.Helper()
	poll.Eventually(t, within, func(ctx context.Context) error {
		for _, version := range versions {
			s, err := apiServices(t).Get(ctx, objectName(version), metav1.GetOptions{})
			if err != nil {
				return err
			}
			if s.Spec.InsecureSkipTLSVerify || !isAvailable(s) {
				return fmt.Errorf("%s: skips verification %t, conditions %v", s.Name, s.Spec.InsecureSkipTLSVerify, s.Status.Conditions)
			}
			if _, err := dial(ctx, server, s.Spec.CABundle); err != nil {
				return fmt.Errorf("%s: %w", s.Name, err)
			}
			if _, err := cluster.Fetch(ctx, env.AdminConfig(), "/apis/metrics.k8s.io/"+version+"/nodes"); err != nil {
				return err
			}
		}
		return nil
	})
}

func isAvailable(s *apiregistrationv1.APIService) bool {
	for _, c := range s.Status.Conditions {
		if c.Type == apiregistrationv1.Available {
			return c.Status == apiregistrationv1.ConditionTrue
		}
	}
	return false
}

// dial opens a connection as the aggregator does, and returns the certificate that the server has shown.
func dial(ctx context.Context, server *cluster.Server, bundle []byte) (*x509.Certificate, error) {
	return dialAs(ctx, server, host, bundle)
}

// dialAs is dial to the server of another Service.
func dialAs(ctx context.Context, server *cluster.Server, host string, bundle []byte) (*x509.Certificate, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(bundle) {
		return nil, errors.New("caBundle has no certificate")
	}
	dialer := tls.Dialer{Config: &tls.Config{RootCAs: pool, ServerName: host}}
	c, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(server.Port)))
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.(*tls.Conn).ConnectionState().PeerCertificates[0], nil
}

// awaitReady waits until a server is ready, or that it is not ready for a reason, whatever its certificate.
func awaitReady(t *testing.T, server *cluster.Server, ready bool) {
	t.Helper()
	config, err := server.ConfigFor("admin", "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	config.TLSClientConfig.CAData, config.TLSClientConfig.ServerName, config.TLSClientConfig.Insecure = nil, "", true
	poll.Eventually(t, within, func(ctx context.Context) error {
		status, text, err := cluster.Get(ctx, config, "/readyz?verbose")
		if err != nil {
			return err
		}
		if !ready && status != http.StatusOK && strings.Contains(text, "[+]first-numbers ok") && strings.Contains(text, "[-]serving-certificate ") {
			return nil
		}
		if ready && status == http.StatusOK {
			return nil
		}
		return fmt.Errorf("%d, %s", status, text)
	})
}

// awaitLog waits until a line of the server's log has all the parts.
func awaitLog(t *testing.T, server *cluster.Server, parts ...string) {
	t.Helper()
	poll.Eventually(t, within, func(context.Context) error {
		log, err := os.ReadFile(server.Log())
		if err != nil {
			return err
		}
		for line := range bytes.Lines(log) {
			if containsAll(string(line), parts) {
				return nil
			}
		}
		return fmt.Errorf("no line with %q in:\n%s", parts, log)
	})
}

func containsAll(line string, parts []string) bool {
	for _, part := range parts {
		if !strings.Contains(line, part) {
			return false
		}
	}
	return true
}
