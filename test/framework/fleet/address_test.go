package fleet

import (
	"net"
	"testing"
)

func TestAddresses(t *testing.T) {
	tests := []struct {
		block   block
		index   int
		address string
	}{
		{10, 0, "127.10.0.1"}, {10, 253, "127.10.0.254"}, {10, 254, "127.10.1.1"}, {10, 507, "127.10.1.254"},
		{10, maxNodes - 1, "127.10.255.254"}, {1, 0, "127.1.0.1"}, {254, maxNodes - 1, "127.254.255.254"},
	}
	for _, test := range tests {
		t.Run(test.address, func(t *testing.T) {
			ip := test.block.address(test.index)
			index, ok := test.block.index(&net.TCPAddr{IP: ip})
			if ip.String() != test.address || !ok || index != test.index {
				t.Errorf("node %d has %s, which is node %d", test.index, ip, index)
			}
			if index, ok := (test.block ^ 1).index(&net.TCPAddr{IP: ip}); ok {
				t.Errorf("%s is node %d of another block", ip, index)
			}
		})
	}
	for _, other := range []net.Addr{
		&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, &net.TCPAddr{IP: net.IPv4(127, 10, 0, 0)}, &net.TCPAddr{IP: net.IPv4(127, 10, 0, 255)},
		&net.TCPAddr{IP: net.IPv4(10, 10, 0, 1)}, &net.TCPAddr{IP: net.IPv6loopback}, &net.UnixAddr{}, nil,
	} {
		if index, ok := block(defaultBlock).index(other); ok {
			t.Errorf("%v is node %d", other, index)
		}
	}
}
