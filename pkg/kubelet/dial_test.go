package kubelet

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/target"
)

func TestNameOfRefusedAddressIsRefused(t *testing.T) {
	apiServers := []target.Endpoint{{Host: "api.example.com", Port: 6443}, {Host: "unknown.example.com", Port: 443}}
	resolver := func(_ context.Context, _, host string) ([]netip.Addr, error) {
		if host != "api.example.com" {
			return nil, errors.New("no such host")
		}
		return []netip.Addr{netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("::ffff:192.0.2.8")}, nil
	}
	for _, tt := range []struct {
		address string
		local   bool
		refused bool
	}{
		{"10.0.0.1:10250", false, false},
		{"127.0.0.1:10250", false, true},
		{"[::ffff:127.0.0.1]:10250", false, true},
		{"[fe80::1%eth0]:10250", false, true},
		{"[fe80::1%eth0]:10250", true, false},
		{"127.0.0.1:10250", true, false},
		{"192.0.2.7:6443", false, true},
		{"192.0.2.8:6443", true, true},
		{"192.0.2.9:6443", false, false},
		{"192.0.2.7:10250", false, false}, // No name is looked up: one of them cannot be resolved.
	} {
		t.Run(tt.address, func(t *testing.T) {
			d := &dialer{policy: target.Policy{AllowLocal: tt.local, APIServers: apiServers}, lookup: resolver}
			err := d.check(t.Context(), "tcp", tt.address, nil)
			if got := is[*target.AddressError](err); got != tt.refused || !got && err != nil {
				t.Errorf("refused: %v, want %v: %v", got, tt.refused, err)
			}
		})
	}
}

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
	asked := map[string]bool{}
	server := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.Header.Get("Authorization") == "Bearer secret" {
			asked[r.URL.Path] = true
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
		Scheme: "https", Path: target.ResourcePath, Port: 10250, UseNodeStatusPort: true, Policy: loopbackPolicy,
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
	for path := range asked {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	if diff := cmp.Diff("/metrics/resource /stats/summary", strings.Join(paths, " ")); diff != "" {
		t.Errorf("paths that were sent the token (-want +got):\n%s", diff)
	}
}
