package target

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	utilnet "k8s.io/apimachinery/pkg/util/net"

	"github.com/plimsoll/plimsoll/pkg/address"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/sample"
)

// internal is a configuration that takes internal addresses, behind an API server of the cluster.
func internal() Config {
	return Config{
		Scheme: "https", Path: ResourcePath, Port: 10250, AddressTypes: []corev1.NodeAddressType{corev1.NodeInternalIP},
		Policy: address.Policy{APIServers: []address.HostPort{{Host: "192.0.2.7", Port: 6443}, {Host: "api.example.com", Port: 443}, {Host: "10.96.0.1", Port: 443}}},
	}
}

// at is a node with these internal addresses, and with a port in its status.
func at(port int32, addresses ...string) *corev1.Node {
	return testNode(func(n *corev1.Node) {
		n.Status.Addresses = nil
		n.Status.DaemonEndpoints.KubeletEndpoint.Port = port
		for _, a := range addresses {
			n.Status.Addresses = append(n.Status.Addresses, corev1.NodeAddress{Type: corev1.NodeInternalIP, Address: a})
		}
	})
}

func TestAddressesAreParsed(t *testing.T) {
	long := strings.Repeat("a.", 200)
	const (
		neither  = "is neither an IP address nor a DNS name"
		loopback = "is a loopback address"
	)
	tests := []struct {
		address string
		// host is that of the URL; refused is a part of the error where there is none.
		host, refused string
		// local is the host where local addresses are allowed; the same as host where it is empty.
		local string
	}{
		{address: "10.0.0.1", host: "10.0.0.1:10250"},
		{address: "fd00::1", host: "[fd00::1]:10250"},
		{address: "FD00:0:0::0001", host: "[fd00::1]:10250"},
		{address: "::ffff:10.0.0.1", host: "10.0.0.1:10250"},
		{address: "node-1.example.com", host: "node-1.example.com:10250"},
		{address: "Node-1.Example.COM", host: "node-1.example.com:10250"},
		{address: "[fd00::1]", refused: neither},
		{address: "10.0.0.1:10250", refused: neither},
		{address: "::ffff:127.0.0.1]:6443/path?x=[", refused: neither},
		{address: "evil@10.0.0.1", refused: neither},
		{address: "10.0.0.1/../../exec", refused: neither},
		{address: "10.0.0.1?x=", refused: neither},
		{address: "10.0.0.1#", refused: neither},
		{address: "10.0.0.1%2f", refused: neither},
		{address: "10.0.0.1\\@host", refused: neither},
		{address: "a b/%zz", refused: neither},
		{address: " 10.0.0.1", refused: neither},
		{address: "host\r\nX: y", refused: neither},
		{address: "münchen", refused: neither},
		{address: "host.", refused: neither},
		{address: long, refused: neither},
		{address: "fe80::1%eth0", refused: "has a zone"},
		{address: "fd00::1%25eth0", refused: "has a zone"},
		{address: "127.0.0.1", refused: loopback, local: "127.0.0.1:10250"},
		{address: "127.255.0.9", refused: loopback, local: "127.255.0.9:10250"},
		{address: "::1", refused: loopback, local: "[::1]:10250"},
		{address: "::ffff:127.0.0.1", refused: loopback, local: "127.0.0.1:10250"},
		{address: "::ffff:7f00:1", refused: loopback, local: "127.0.0.1:10250"},
		{address: "169.254.169.254", refused: "is a link-local address", local: "169.254.169.254:10250"},
		{address: "::ffff:169.254.169.254", refused: "is a link-local address", local: "169.254.169.254:10250"},
		{address: "fe80::1", refused: "is a link-local address", local: "[fe80::1]:10250"},
		{address: "224.0.0.1", refused: "is a multicast address", local: "224.0.0.1:10250"},
		{address: "ff02::1", refused: "is a multicast address", local: "[ff02::1]:10250"},
		{address: "0.0.0.0", refused: "is an unspecified address", local: "0.0.0.0:10250"},
		{address: "::", refused: "is an unspecified address", local: "[::]:10250"},
		{address: "255.255.255.255", refused: "is the broadcast address", local: "255.255.255.255:10250"},
		{address: "192.0.2.7", host: "192.0.2.7:10250"}, // The kubelet of the API server's machine.
		{address: "10.96.0.1", host: "10.96.0.1:10250"}, // Where a pod finds the API server, which may be a node.
	}
	for _, tt := range tests {
		t.Run(tt.address, func(t *testing.T) {
			checkHost(t, internal(), at(0, tt.address), tt.host, tt.refused)
			allowing := internal()
			allowing.Policy.AllowLocal = true
			if tt.local != "" {
				checkHost(t, allowing, at(0, tt.address), tt.local, "")
			} else {
				checkHost(t, allowing, at(0, tt.address), tt.host, tt.refused)
			}
		})
	}
}

// checkHost checks every URL of a target: it leads to the host, at a path of the source and no other.
func checkHost(t *testing.T, c Config, n *corev1.Node, host, refused string) {
	t.Helper()
	c.Extra = sample.AllResources
	got, err := c.For(cluster.StripNode(n))
	if refused != "" {
		if err == nil || !strings.Contains(err.Error(), refused) || len(err.Error()) > 500 {
			t.Errorf("got the target %v and the error %v, want an error with %q", got, err, refused)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"URL": ResourcePath, "summary": "/stats/summary", "extra": "/stats/summary", "full summary": "/stats/summary"}
	for name, text := range map[string]string{"URL": got.URL, "summary": got.SummaryURL, "extra": got.ExtraSummaryURL, "full summary": got.FullSummaryURL} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"https", "", host, want[name]}, []string{u.Scheme, u.User.String(), u.Host, u.Path}); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", name, text, diff)
		}
	}
}

func TestPortsOfTheStatusAreBounded(t *testing.T) {
	const own = "is the API server's own"
	for _, tt := range []struct {
		address string
		port    int32
		local   bool

		host, refused string
	}{
		{"10.0.0.1", 0, false, "10.0.0.1:10250", ""},
		{"10.0.0.1", 1, false, "10.0.0.1:1", ""},
		{"10.0.0.1", 65535, false, "10.0.0.1:65535", ""},
		{"10.0.0.1", 65536, false, "", "65536"},
		{"10.0.0.1", -1, false, "", "-1"},
		{"10.0.0.1", 65536 + 6443, false, "", "71979"},
		{"192.0.2.7", 6443, false, "", own},
		{"192.0.2.7", 6443, true, "", own},
		{"::ffff:192.0.2.7", 6443, true, "", own},
		{"192.0.2.7", 6444, false, "192.0.2.7:6444", ""},
		{"10.96.0.1", 443, false, "", own},
		{"::ffff:10.96.0.1", 443, true, "", own},
		{"10.96.0.1", 6444, false, "10.96.0.1:6444", ""},
		{"api.example.com", 443, true, "", own},
		{"API.example.com", 443, false, "", own},
		{"api.example.com", 10250, false, "api.example.com:10250", ""},
	} {
		t.Run(fmt.Sprintf("%s %d %v", tt.address, tt.port, tt.local), func(t *testing.T) {
			c := internal()
			c.UseNodeStatusPort, c.StatusPorts, c.Policy.AllowLocal = true, utilnet.PortRange{Base: 1, Size: 65535}, tt.local
			checkHost(t, c, at(tt.port, tt.address), tt.host, tt.refused)
		})
	}
}

// TestUnexpectedPortsOfTheStatusAreRefused has nodes name ports of other servers than kubelets.
func TestUnexpectedPortsOfTheStatusAreRefused(t *testing.T) {
	unprivileged, one, none := utilnet.PortRange{Base: 1024, Size: 65536 - 1024}, utilnet.PortRange{Base: 10251, Size: 1}, utilnet.PortRange{}
	for _, tt := range []struct {
		allowed utilnet.PortRange
		port    int32
		refused bool
	}{
		{unprivileged, 22, true},
		{unprivileged, 1023, true},
		{unprivileged, 1024, false},
		{unprivileged, 10250, false},
		{unprivileged, 65535, false},
		{one, 10249, true},
		{one, 10250, false}, // The port of the source.
		{one, 10251, false},
		{one, 10252, true},
		{none, 10250, false},
		{none, 10251, true},
	} {
		t.Run(fmt.Sprintf("%d of %v", tt.port, tt.allowed), func(t *testing.T) {
			c := internal()
			c.UseNodeStatusPort, c.StatusPorts = true, tt.allowed
			host, refused := fmt.Sprint("10.0.0.1:", tt.port), ""
			if tt.refused {
				host, refused = "", fmt.Sprintf("node n1 has the kubelet's port %d in its status, which is neither 10250 nor in the range %v: no kubelet is expected", tt.port, tt.allowed)
			}
			checkHost(t, c, at(tt.port, "10.0.0.1"), host, refused)
			if _, err := c.For(cluster.StripNode(at(tt.port, "10.0.0.1"))); errors.Is(err, ErrPort) != tt.refused {
				t.Errorf("the error is %v", err)
			}
			c.UseNodeStatusPort = false
			checkHost(t, c, at(tt.port, "10.0.0.1"), "10.0.0.1:10250", "")
		})
	}
}

func TestAddressesInOrder(t *testing.T) {
	var many []string
	for i := range 20 {
		many = append(many, fmt.Sprintf("10.0.0.%d", i))
	}
	for _, tt := range []struct {
		name      string
		addresses []string
		want      string
	}{
		{"both families", []string{"fd00::1", "10.0.0.1"}, "[fd00::1]:10250 10.0.0.1:10250"},
		{"the same twice", []string{"10.0.0.1", "::ffff:10.0.0.1", "10.0.0.1"}, "10.0.0.1:10250"},
		{"one that is refused", []string{"127.0.0.1", "evil@10.0.0.1", "10.0.0.1"}, "10.0.0.1:10250"},
		{"more than are tried", many, "10.0.0.0:10250 10.0.0.1:10250 10.0.0.2:10250 10.0.0.3:10250 10.0.0.4:10250 10.0.0.5:10250 10.0.0.6:10250 10.0.0.7:10250"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := internal().For(cluster.StripNode(at(0, tt.addresses...)))
			if err != nil {
				t.Fatal(err)
			}
			if got.Addresses != tt.want {
				t.Errorf("got %s, want %s", got.Addresses, tt.want)
			}
		})
	}
}

// TestOneType has a node with addresses of several types, and servers that are not verified.
func TestOneType(t *testing.T) {
	n := testNode(func(n *corev1.Node) {
		n.Status.Addresses = append(n.Status.Addresses, corev1.NodeAddress{Type: corev1.NodeExternalDNS, Address: "not a name"})
	})
	for _, tt := range []struct {
		name  string
		types []corev1.NodeAddressType
		one   bool
		want  string
	}{
		{"all", []corev1.NodeAddressType{corev1.NodeInternalIP, corev1.NodeHostName}, false, "10.0.0.1:10250 [fd00::1]:10250 host1:10250"},
		{"the first", []corev1.NodeAddressType{corev1.NodeInternalIP, corev1.NodeHostName}, true, "10.0.0.1:10250 [fd00::1]:10250"},
		{"a type that the node does not have", []corev1.NodeAddressType{corev1.NodeExternalIP, corev1.NodeHostName, corev1.NodeInternalIP}, true, "host1:10250"},
		{"one that is refused", []corev1.NodeAddressType{corev1.NodeExternalDNS, corev1.NodeHostName, corev1.NodeInternalIP}, true, "host1:10250"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := internal()
			c.AddressTypes, c.OneType = tt.types, tt.one
			got, err := c.For(cluster.StripNode(n))
			if err != nil {
				t.Fatal(err)
			}
			if got.Addresses != tt.want {
				t.Errorf("got %s, want %s", got.Addresses, tt.want)
			}
		})
	}
}

func TestForRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		node *corev1.Node
		want string
	}{
		{"no address of the wanted types", testNode(func(n *corev1.Node) { n.Status.Addresses = n.Status.Addresses[:1] }), "add one of the types that it has: [Hostname]"},
		{"no address", at(0), "node n1 has no address"},
		{"refused", at(0, "127.0.0.1", "evil@10.0.0.1"), `node n1 cannot be reached at its InternalIP: address "127.0.0.1:10250" is a loopback address, ` +
			"where no kubelet is scraped unless --kubelet-allow-local-addresses allows it: correct the addresses in the node's status"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := internal().For(cluster.StripNode(tt.node))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// FuzzAddress checks that no address changes anything of a URL but its host.
func FuzzAddress(f *testing.F) {
	for _, seed := range []string{"10.0.0.1", "::ffff:127.0.0.1]:6443/path?x=[", "evil@host", "fe80::1%eth0", "host:1", "a%2fb", "[::1]", "0x7f.1", "127.1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		got, err := internal().For(cluster.StripNode(at(0, address)))
		if err != nil {
			if len(err.Error()) > 500 {
				t.Errorf("%q: the error has %d bytes", address, len(err.Error()))
			}
			return
		}
		u, err := url.Parse(got.URL)
		if err != nil || u.Scheme != "https" || u.User != nil || u.Path != ResourcePath || u.Host != got.Addresses || u.Fragment != "" || u.Port() != "10250" {
			t.Errorf("%q became %s, at %s: %v", address, got.URL, got.Addresses, err)
		}
	})
}
