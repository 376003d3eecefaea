package options

import (
	"fmt"
	"net"
	"slices"

	cliflag "k8s.io/component-base/cli/flag"
)

// serviceNames are the DNS names of the self-signed certificate, beside localhost: those of the Service in the manifests.
var serviceNames = [...]string{"plimsoll", "plimsoll.plimsoll-system", "plimsoll.plimsoll-system.svc"}

// validateServing checks what the library only checks when it listens.
func (o *Options) validateServing() []error {
	var errs errorList
	s := o.SecureServing
	errs.add(checkKeyPair("--tls-cert-file", s.ServerCert.CertKey.CertFile, "--tls-private-key-file", s.ServerCert.CertKey.KeyFile))
	for _, pair := range s.SNICertKeys {
		errs.add(checkKeyPair("--tls-sni-cert-key", pair.CertFile, "--tls-sni-cert-key", pair.KeyFile))
	}
	if _, err := cliflag.TLSVersion(s.MinTLSVersion); err != nil {
		errs.addf("--tls-min-version=%s: must be one of %v", s.MinTLSVersion, cliflag.TLSPossibleVersions())
	}
	suites := cliflag.TLSCipherPossibleValues()
	for _, suite := range s.CipherSuites {
		errs.check(slices.Contains(suites, suite), "--tls-cipher-suites: %q is not known; allowed are %v", suite, suites)
	}
	if _, err := cliflag.TLSCurvePreferences(s.CurvePreferences); err != nil {
		errs.addf("--tls-curve-preferences=%v: %w", s.CurvePreferences, err)
	}
	errs.check(s.HTTP2MaxStreamsPerConnection >= 0, "--http2-max-streams-per-connection=%d: must not be negative", s.HTTP2MaxStreamsPerConnection)
	return errs
}

// selfSign makes a certificate in --cert-dir, unless one was given or is there already.
func (o *Options) selfSign() error {
	dir := o.SecureServing.ServerCert.CertDirectory
	err := o.SecureServing.MaybeDefaultWithSelfSignedCerts("localhost", serviceNames[:], []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback})
	if err != nil {
		return fmt.Errorf("--cert-dir=%s: make a serving certificate there (name a writable directory, or give --tls-cert-file and --tls-private-key-file): %w", dir, err)
	}
	return nil
}
