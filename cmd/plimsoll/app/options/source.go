package options

import (
	"os"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/utils/ptr"

	"github.com/plimsoll/plimsoll/pkg/sink"
	"github.com/plimsoll/plimsoll/pkg/source"
)

// home is the access to the home cluster, whose API server authenticates and authorizes the clients.
func (o *Options) home() source.Access {
	return source.Access{InCluster: o.Kubeconfig == "", Kubeconfig: o.Kubeconfig}
}

// sources parses --source, with the other flags as its defaults.
func (o *Options) sources() ([]source.Source, error) {
	return source.ParseAll(o.Scrape.Sources, o.sourceDefaults(), os.LookupEnv)
}

// validateSources returns every error in the values of --source, and in the files that they name.
func (o *Options) validateSources() []error {
	sources, err := o.sources()
	var errs errorList
	if err != nil {
		errs.addJoined(err)
		sources = o.validSources()
	}
	for _, s := range sources {
		errs = append(errs, o.validateFiles(s)...)
		age := o.Scrape.MaxAge
		errs.check(age == nil || *age == 0 || s.Resolution == o.Scrape.Resolution || *age >= s.Resolution,
			"--source %v: resolution=%v must not be above --max-age=%v, for usage to be served until the next scrape", s, s.Resolution, ptr.Deref(age, 0))
	}
	return errs
}

// validSources are the sources that are valid by themselves, so that their files are checked although another source is invalid.
func (o *Options) validSources() []source.Source {
	var valid []source.Source
	for _, value := range o.Scrape.Sources {
		if s, err := source.Parse(value, o.sourceDefaults(), os.LookupEnv); err == nil {
			valid = append(valid, s)
		}
	}
	return valid
}

// validateFiles checks the files that a source names itself; the files of the flags are checked with the flags.
func (o *Options) validateFiles(s source.Source) []error {
	var errs errorList
	of := func(option string) string { return "--source " + s.String() + ": " + option }
	if s.API.Kubeconfig != o.Kubeconfig {
		errs.add(checkKubeconfig(of("auth"), s.API.Kubeconfig))
	}
	if s.API.UseServiceAccount {
		_, err := os.Stat(filepath.Join(serviceAccountFolder, tokenFile))
		errs.check(err == nil, "%s=true: there is no token at %s: run this in a pod that has one mounted, or use auth=FILE: %v",
			of("useServiceAccount"), serviceAccountFolder, err)
		if _, err := loadREST(s.API); err == nil {
			_, err := RESTConfig(s.API)
			errs.check(err == nil, "--source %v: %v", s, err)
		}
	}
	k := s.Kubelet
	if k.CAFile != o.Kubelet.CAFile {
		errs.add(checkCertificates(of("kubeletCertificateAuthority"), k.CAFile))
	}
	if k.CertFile != o.Kubelet.CertFile || k.KeyFile != o.Kubelet.KeyFile {
		errs.add(checkKeyPair(of("kubeletClientCertificate"), k.CertFile, "kubeletClientKey", k.KeyFile))
	}
	e := s.Engine
	errs = append(errs, validateEndpoint(of(""), sink.Endpoint{
		CAFile: e.CAFile, CertFile: e.CertFile, KeyFile: e.KeyFile, PasswordFile: e.PasswordFile, TokenFile: e.TokenFile,
	})...)
	return errs
}

func (o *Options) sourceDefaults() source.Defaults {
	selector, err := labels.Parse(o.Scrape.NodeSelector)
	if err != nil {
		selector = labels.Everything() // The error is reported for --node-selector.
	}
	k := o.Kubelet.Kubelet
	k.HTTPS, k.VerifyNodeName = !o.Kubelet.CompletelyInsecure, o.Kubelet.Verify == source.VerifyNodeName
	for _, t := range o.Kubelet.AddressTypes {
		k.AddressTypes = append(k.AddressTypes, corev1.NodeAddressType(t))
	}
	return source.Defaults{Kubelet: k, Resolution: o.Scrape.Resolution, NodeSelector: selector, Kubeconfig: o.Kubeconfig}
}
