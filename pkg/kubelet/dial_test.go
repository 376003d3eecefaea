package kubelet

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/target"
)

func TestNameOfLoopbackIsRefusedWhenDialled(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a server on loopback received a request") }))
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	var c Conn
	defer c.Close()
	_, err = get(t, newTestClient(t, Config{Plain: true}, &rest.Config{}), &c, "http://localhost:"+port, testTimeout)
	if got := kindOf(err); got != "not allowed" {
		t.Errorf("got the kind %s of %v", got, err)
	}
}

// TestTokenIsSentToPathsOfTheSourceOnly has nodes whose addresses contain a path of their own.
func TestTokenIsSentToPathsOfTheSourceOnly(t *testing.T) {
	var mu sync.Mutex
	requested := map[string]bool{}
	server := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.Header.Get("Authorization") == "Bearer secret" {
			requested[r.URL.Path] = true
		}
	}))
	defer server.Close()
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := newTestClient(t, Config{Policy: loopbackPolicy}, &rest.Config{
		BearerToken: "secret", TLSClientConfig: rest.TLSClientConfig{CAData: pemOf(server.Certificate())},
	})
	config := target.Config{
		Scheme: "https", Path: target.ResourcePath, Port: 10250, UseNodeStatusPort: true, StatusPorts: utilnet.PortRange{Base: 1024, Size: 65536 - 1024}, Policy: loopbackPolicy,
		Extra:        1, // the first of the extra resources: the use of local disks, which has a URL of its own
		AddressTypes: []corev1.NodeAddressType{corev1.NodeInternalIP},
	}
	for _, address := range []string{
		"127.0.0.1", "::ffff:127.0.0.1", at.Host + "/api/v1/secrets?x=", "::ffff:127.0.0.1]:" + at.Port() + "/api/v1/secrets?x=[",
		"evil@127.0.0.1", "127.0.0.1/exec", "127.0.0.1#", "127.0.0.1?",
	} {
		n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n1"}}
		n.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: address}}
		n.Status.DaemonEndpoints.KubeletEndpoint.Port = int32(server.Listener.Addr().(*net.TCPAddr).Port)
		to, err := config.For(cluster.StripNode(n))
		if err != nil {
			continue
		}
		for _, u := range []string{to.URL, to.SummaryURL, to.FullSummaryURL} {
			var c Conn
			if _, err := get(t, client, &c, u, testTimeout); err != nil {
				t.Errorf("%s at %q: %v", u, address, err)
			}
			c.Close()
		}
	}
	var paths []string
	for path := range requested {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	if diff := cmp.Diff("/metrics/resource /stats/summary", strings.Join(paths, " ")); diff != "" {
		t.Errorf("paths that were sent the token (-want +got):\n%s", diff)
	}
}
