package address_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"

	"github.com/plimsoll/plimsoll/pkg/address"
)

// TestNameOfRefusedAddressIsRefused has the addresses of connections, to which names were resolved.
func TestNameOfRefusedAddressIsRefused(t *testing.T) {
	apiServers := []address.HostPort{{Host: "api.example.com", Port: 6443}, {Host: "unknown.example.com", Port: 443}}
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
			policy := address.Policy{AllowLocal: tt.local, APIServers: apiServers}
			err := policy.Check(t.Context(), netip.MustParseAddrPort(tt.address), resolver)
			if _, refused := errors.AsType[*address.Error](err); refused != tt.refused || !refused && err != nil {
				t.Errorf("refused: %v, want %v: %v", refused, tt.refused, err)
			}
		})
	}
}
