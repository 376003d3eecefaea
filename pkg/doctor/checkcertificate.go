package doctor

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"k8s.io/client-go/util/cert"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"

	"github.com/plimsoll/plimsoll/pkg/cause"
)

// endsSoon is how long before its end a certificate is reported. Plimsoll renews its own 30 days before.
const endsSoon = 7 * 24 * time.Hour

// certificateCause finds in the text of an error of package crypto/x509 what is wrong; None for another text.
func certificateCause(text string) cause.Cause {
	switch {
	case !strings.Contains(text, "x509:"):
		return cause.None
	case strings.Contains(text, "expired"):
		return cause.CertificateExpired
	case containsAny(text, "certificate is valid for", "doesn't contain any", "not valid for any names", "Common Name"):
		return cause.CertificateName
	}
	return cause.CABundleWrong
}

// checkCertificate checks caBundle, and with it the certificate that the server presents.
func checkCertificate(f *Facts, s *section) {
	own := false
	for _, version := range versions {
		if f.isOwn(version) {
			own = true
			f.checkBundle(s, f.APIServices[version].Value)
		}
	}
	if !own {
		s.unknown("no APIService leads to %s", f.Service)
	}
}

func (f *Facts) checkBundle(s *section, registered *apiregistrationv1.APIService) {
	object := "apiservice/" + registered.Name
	switch {
	case registered.Spec.InsecureSkipTLSVerify:
		s.ok("%s has insecureSkipTLSVerify: the API server does not verify the certificate", registered.Name)
		return
	case len(registered.Spec.CABundle) == 0:
		s.find(cause.CABundleMissing, object, "")
		return
	}
	bundle, err := cert.ParseCertsPEM(registered.Spec.CABundle)
	if err != nil {
		s.find(cause.CABundleInvalid, object, err.Error())
		return
	}
	switch {
	case f.Presented.Err == nil && len(f.Presented.Value) > 0:
		f.verify(s, registered, bundle)
	case available(registered).Status == apiregistrationv1.ConditionTrue:
		s.ok("the API server verifies it with %s", registered.Name)
	default:
		s.unknown("the certificate of service %s could not be read from here: %s", f.Service, reasonFor(f.Presented.Err))
	}
}

// verify does what the API server does with the certificates that the Service's address shows. From a workstation that address may be another machine's, or
// a proxy's that intercepts TLS: what caBundle does not verify is a finding only where the API server has not verified it either, and it has the Service's name.
func (f *Facts) verify(s *section, registered *apiregistrationv1.APIService, bundle []*x509.Certificate) {
	object, leaf := "apiservice/"+registered.Name, f.Presented.Value[0]
	chains, err := f.chains(bundle)
	switch end := endOf(chains); {
	case err != nil && available(registered).Status == apiregistrationv1.ConditionTrue:
		s.ok("the API server verifies it with %s; from here the address of the Service shows another certificate", registered.Name)
	case err != nil && leaf.VerifyHostname(f.host()) == nil:
		s.find(cmp.Or(certificateCause(err.Error()), cause.CABundleWrong), object, err.Error())
	case err != nil:
		s.unknown("from here the address of service %s shows another certificate: %v", f.Service, err)
	case end.Before(f.Time):
		s.find(cause.CertificateExpired, object, fmt.Sprintf("it ended %s", end.UTC().Format(time.RFC3339)))
	case end.Before(f.Time.Add(endsSoon)):
		s.find(cause.CertificateEndsSoon, object, fmt.Sprintf("it ends %s", end.UTC().Format(time.RFC3339)))
	default:
		s.ok("caBundle of %s verifies it until %s", registered.Name, end.UTC().Format(time.DateOnly))
	}
}

// chains are those from the server's certificate to an authority in the bundle, now, or before the certificate ended.
func (f *Facts) chains(bundle []*x509.Certificate) ([][]*x509.Certificate, error) {
	options := x509.VerifyOptions{DNSName: f.host(), Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: f.Time}
	for _, c := range bundle {
		options.Roots.AddCert(c)
	}
	for _, c := range f.Presented.Value[1:] {
		options.Intermediates.AddCert(c)
	}
	if end := f.Presented.Value[0].NotAfter; end.Before(f.Time) {
		options.CurrentTime = end
	}
	return f.Presented.Value[0].Verify(options)
}

// host is the name for which the server's certificate must be valid.
func (f *Facts) host() string { return hostOf(f.Service.Name, f.Service.Namespace) }

// endOf is when the chain ends that is valid longest.
func endOf(chains [][]*x509.Certificate) (end time.Time) {
	for _, chain := range chains {
		first := chain[0].NotAfter
		for _, c := range chain {
			if c.NotAfter.Before(first) {
				first = c.NotAfter
			}
		}
		if first.After(end) {
			end = first
		}
	}
	return end
}
