package fleet

import (
	"crypto/x509"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// TestCertificateFaults reads the certificates that are presented.
func TestCertificateFaults(t *testing.T) {
	ca, key := authority(t)
	f, _ := newFleet(t, Options{Nodes: 2, Certificate: SignedBy(ca, key)})
	start(t, f)
	size := func(chain []*x509.Certificate) (bytes int) {
		for _, c := range chain {
			bytes += len(c.Raw)
		}
		return bytes
	}
	tests := []struct {
		fault Fault
		want  func(chain []*x509.Certificate) bool
	}{
		{OtherCertificate("node-0002"), func(chain []*x509.Certificate) bool {
			return chain[0].Subject.CommonName == "system:node:node-0002" && chain[0].CheckSignatureFrom(ca) == nil
		}},
		{ExpiredCertificate(), func(chain []*x509.Certificate) bool {
			return chain[0].NotAfter.Before(time.Now()) && chain[0].IPAddresses[0].Equal(f.Address(0))
		}},
		{CertificateChain(100_000), func(chain []*x509.Certificate) bool {
			return size(chain) > 100_000 && size(chain) < 101_000 && chain[1].Subject.String() == chain[0].Issuer.String()
		}},
	}
	for _, tt := range tests {
		t.Run(tt.fault.String(), func(t *testing.T) {
			if err := f.SetFault("node-0001", tt.fault); err != nil {
				t.Fatal(err)
			}
			conn, _ := dialSecure(t, f)
			if err := conn.Handshake(); err != nil {
				t.Fatal(err)
			}
			if chain := conn.ConnectionState().PeerCertificates; !tt.want(chain) {
				t.Errorf("%d certificates of %d bytes, the first of %s until %s", len(chain), size(chain), chain[0].Subject, chain[0].NotAfter)
			}
			if got, err := exchangeBytes(t, conn, 10); got != "" {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

// TestTLSFaults has a client of crypto/tls meet each.
func TestTLSFaults(t *testing.T) {
	f, _ := newFleet(t, Options{})
	start(t, f)
	tests := []struct {
		fault Fault
		want  string
	}{
		{AbortedHandshake(), "remote error: tls: unrecognized name"},
		{CertificateChain(300_000), "exceeds maximum"},
		{SessionTickets(17), "too many non-advancing records"},
		{AlertInResponse(), "remote error: tls: internal error"},
		{Renegotiation(), "local error: tls: no renegotiation"},
	}
	for _, tt := range tests {
		t.Run(tt.fault.String(), func(t *testing.T) {
			if err := f.SetFault("node-0001", tt.fault); err != nil {
				t.Fatal(err)
			}
			conn, _ := dialSecure(t, f)
			if _, err := exchangeBytes(t, conn, 1<<20); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got the error %v, want %q", err, tt.want)
			}
		})
	}
}

// TestSilentHandshake waits for a moment for the first message of a server that sends none.
func TestSilentHandshake(t *testing.T) {
	f, _ := newFleet(t, Options{})
	start(t, f)
	if err := f.SetFault("node-0001", SilentHandshake()); err != nil {
		t.Fatal(err)
	}
	conn, below := dialSecure(t, f)
	if err := conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if err := conn.Handshake(); !errors.Is(err, os.ErrDeadlineExceeded) || below.read > 0 {
		t.Errorf("%d bytes came: %v", below.read, err)
	}
}

// TestTLSFaultsEndConnectionsFromBefore, which a client would otherwise go on using.
func TestTLSFaultsEndConnectionsFromBefore(t *testing.T) {
	f, _ := newFleet(t, Options{})
	start(t, f)
	for _, fault := range []Fault{SilentHandshake(), ExpiredCertificate(), SessionTickets(1), Renegotiation(), ByteHandshake()} {
		t.Run(fault.String(), func(t *testing.T) {
			if err := f.ClearFault("node-0001"); err != nil {
				t.Fatal(err)
			}
			conn, _ := dialSecure(t, f)
			if err := conn.Handshake(); err != nil {
				t.Fatal(err)
			}
			if err := f.SetFault("node-0001", fault); err != nil {
				t.Fatal(err)
			}
			if got, _ := exchangeBytes(t, net.Conn(conn), 10); got != "" {
				t.Errorf("got %q over a connection from before", got)
			}
		})
	}
}
