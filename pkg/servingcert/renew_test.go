package servingcert

import (
	"crypto/x509"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var day = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func always(*x509.Certificate) bool { return true }

func never(*x509.Certificate) bool { return false }

// made returns an issuer and the state that it makes at day.
func made(t *testing.T) (*issuer, *state) {
	t.Helper()
	i := (&Config{Lifetimes: short}).issuer()
	i.dnsNames = []string{"a.b.svc"}
	s, err := i.renew(nil, nil, day, never)
	if err != nil {
		t.Fatal(err)
	}
	return i, s
}

// what is the difference that renew makes.
type what struct {
	// Authorities is how many there are, New whether the first one is new.
	Authorities int
	New         bool
	// Serving is whether the serving certificate is new, By the index of the authority that has signed it.
	Serving bool
	By      int
}

func TestRenew(t *testing.T) {
	i, fresh := made(t)
	next := func(s *state, after time.Duration, trusted func(*x509.Certificate) bool) *state {
		n, err := i.renew(s, nil, day.Add(after), trusted)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	two := next(fresh, 2*time.Hour, always) // The authority is due after two of its three hours.
	alive := *two                           // An authority of two hours before, and a serving certificate that it has signed a minute before.
	aged, err := i.withServing(*fresh, day.Add(2*time.Hour-time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	alive.serving, alive.servingPEM, alive.servingKeyPEM = aged.serving, aged.servingPEM, aged.servingKeyPEM
	turned := next(&alive, 2*time.Hour+5*time.Minute, always)
	tests := []struct {
		name    string
		from    *state
		after   time.Duration
		trusted func(*x509.Certificate) bool
		want    what
	}{
		{"nothing is due", fresh, 26 * time.Minute, always, what{1, false, false, 0}},
		{"the serving certificate is due", fresh, 27 * time.Minute, never, what{1, false, true, 0}},
		{"the serving certificate has ended", fresh, time.Hour, never, what{1, false, true, 0}},
		{"the authority is due", fresh, 2 * time.Hour, never, what{2, true, false, 1}},
		{"the authority has ended", fresh, 2*time.Hour + 56*time.Minute, never, what{2, true, true, 0}},
		{"all has ended long ago", fresh, 1000 * time.Hour, never, what{1, true, true, 0}},
		{"the clock was far ahead", fresh, -2 * time.Hour, never, what{2, true, true, 0}},
		{"a new authority is not old enough", &alive, 2*time.Hour + 4*time.Minute, always, what{2, false, false, 1}},
		{"a new authority is not in caBundle", &alive, 2*time.Hour + 5*time.Minute, never, what{2, false, false, 1}},
		{"a new authority signs", &alive, 2*time.Hour + 5*time.Minute, always, what{2, false, true, 0}},
		{"what the old authority has signed is about to end", &alive, 2*time.Hour + 35*time.Minute, never, what{2, false, true, 0}},
		{"the old authority is still needed", turned, 2*time.Hour + 9*time.Minute, always, what{2, false, false, 0}},
		{"the old authority is not needed any more", turned, 2*time.Hour + 10*time.Minute, always, what{1, false, false, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := next(tt.from, tt.after, tt.trusted)
			difference := what{
				Authorities: len(got.authorities), New: !got.authorities[0].Equal(tt.from.authorities[0]),
				Serving: !got.serving.Equal(tt.from.serving), By: -1,
			}
			for n, a := range got.authorities {
				if a.Equal(got.signer()) {
					difference.By = n
				}
			}
			if diff := cmp.Diff(tt.want, difference); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if changed := got != tt.from; changed != (difference != what{len(tt.from.authorities), false, false, difference.By}) {
				t.Errorf("changed: %t, and the difference is %+v", changed, difference)
			}
		})
	}
}

// TestRenewNames replaces a serving certificate without a name of the Service.
func TestRenewNames(t *testing.T) {
	i, s := made(t)
	i.dnsNames = append(i.dnsNames, "c.d.svc")
	next, err := i.renew(s, nil, day, never)
	if err != nil {
		t.Fatal(err)
	}
	if err := next.serving.VerifyHostname("c.d.svc"); err != nil {
		t.Error(err)
	}
}

// TestFormerAuthoritiesAreBounded empties the Secret again and again.
func TestFormerAuthoritiesAreBounded(t *testing.T) {
	i, s := made(t)
	for n := range 10 {
		next, err := i.renew(nil, s.authorities, day, never)
		if err != nil {
			t.Fatal(err)
		}
		if want := min(n+2, maxAuthorities); len(next.authorities) != want || next.signer() != next.authorities[0] || !next.authorities[1].Equal(s.authorities[0]) {
			t.Fatalf("%d authorities, want %d, of which the second is the one before", len(next.authorities), want)
		}
		s = next
	}
}

// TestCertificates are verified as a Go client and OpenSSL would.
func TestCertificates(t *testing.T) {
	_, s := made(t)
	pool := x509.NewCertPool()
	pool.AddCert(s.authorities[0])
	for _, host := range []string{"a.b.svc", "127.0.0.1", "::1"} {
		if _, err := s.serving.Verify(x509.VerifyOptions{DNSName: host, Roots: pool, CurrentTime: day}); err != nil {
			t.Error(err)
		}
	}
	authority := s.authorities[0]
	got := fmt.Sprint(authority.IsCA, authority.MaxPathLenZero, authority.KeyUsage, s.serving.IsCA, s.serving.KeyUsage, s.serving.ExtKeyUsage,
		authority.NotAfter.Sub(day), s.serving.NotAfter.Sub(day), day.Sub(s.serving.NotBefore), len(s.serving.AuthorityKeyId) > 0)
	want := fmt.Sprint(true, true, x509.KeyUsageDigitalSignature|x509.KeyUsageCertSign, false, x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		short.Authority, short.Serving, short.Backdate, true)
	if got != want {
		t.Errorf("got  %s,\nwant %s", got, want)
	}
}

// TestServingEndsWithItsAuthority makes a serving certificate when little is left of its authority.
func TestServingEndsWithItsAuthority(t *testing.T) {
	i, s := made(t)
	late, err := i.withServing(*s, day.Add(short.Authority-short.Serving/2))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := late.serving.NotAfter, s.authorities[0].NotAfter; !got.Equal(want) {
		t.Errorf("valid until %s, its authority until %s", got, want)
	}
}
