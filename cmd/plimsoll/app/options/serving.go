package options

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"
	cliflag "k8s.io/component-base/cli/flag"

	"github.com/plimsoll/plimsoll/pkg/source"
)

// serviceNames are the DNS names of the self-signed certificate, beside localhost: those of the Service in the manifests.
var serviceNames = [...]string{"plimsoll", "plimsoll.plimsoll-system", "plimsoll.plimsoll-system.svc"}

func (o *Options) addServingFlags(fss *cliflag.NamedFlagSets) {
	fs := fss.FlagSet("secure serving")
	o.SecureServing.AddFlags(fs)
	fs.StringVar(&o.ServingCertificateService, "serving-certificate-service", o.ServingCertificateService,
		"Service, as NAME or NAMESPACE/NAME, for which the server makes its own serving certificate. The Secret NAME-serving-certificate of the Service's namespace holds it for all replicas; "+
			"it is renewed in time, and its authority is kept in caBundle of the APIServices of metrics.k8s.io that lead to the Service. "+
			"The namespace of the pod is the default. Without effect where --tls-cert-file is given.")
}

// ServingCertificate describes the certificate that the server makes itself.
type ServingCertificate struct {
	// Service is the one for which the certificate is made.
	Service types.NamespacedName
	// API is the access to the API server of the home cluster, which has the Secret and the APIServices.
	API source.Access
}

// servingCertificate is nil where the server makes no certificate for a Service.
func (o *Options) servingCertificate() (*ServingCertificate, error) {
	value := o.ServingCertificateService
	if value == "" || o.SecureServing.ServerCert.CertKey.CertFile != "" {
		return nil, nil
	}
	namespace, name, given := strings.Cut(value, "/")
	if !given {
		content, err := os.ReadFile(filepath.Join(serviceAccountFolder, namespaceFile))
		if err != nil {
			return nil, fmt.Errorf("--serving-certificate-service=%s: must be NAMESPACE/NAME outside a pod, whose namespace would be the default: %w", value, err)
		}
		namespace, name = strings.TrimSpace(string(content)), value
	}
	if len(validation.IsDNS1123Label(namespace)) > 0 || len(validation.IsDNS1123Label(name)) > 0 {
		return nil, fmt.Errorf("--serving-certificate-service=%s: must be the name of a Service, or NAMESPACE/NAME", value)
	}
	return &ServingCertificate{Service: types.NamespacedName{Namespace: namespace, Name: name}, API: o.home()}, nil
}

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
	_, err := o.servingCertificate()
	errs.add(err)
	errs.check(s.HTTP2MaxStreamsPerConnection >= 0, "--http2-max-streams-per-connection=%d: must not be negative", s.HTTP2MaxStreamsPerConnection)
	return errs
}

// selfSign makes a certificate in --cert-dir, unless one was given, is there already, or is made for a Service.
func (o *Options) selfSign() error {
	certificate, err := o.servingCertificate()
	if err != nil || certificate != nil {
		return err
	}
	dir := o.SecureServing.ServerCert.CertDirectory
	err = o.SecureServing.MaybeDefaultWithSelfSignedCerts("localhost", serviceNames[:], []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback})
	if err != nil {
		return fmt.Errorf("--cert-dir=%s: make a serving certificate there (name a writable directory, or give --tls-cert-file and --tls-private-key-file): %w", dir, err)
	}
	return nil
}
