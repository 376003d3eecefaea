package options

import (
	"errors"
	"fmt"
	"os"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/plimsoll/plimsoll/pkg/source"
)

// sources reads --source, with the other flags as its defaults.
func (o *Options) sources() ([]source.Source, error) {
	sources, err := source.ParseAll(o.Scrape.Sources, o.sourceDefaults(), os.LookupEnv)
	return sources, errors.Join(o.checkOneEndpoint(), err)
}

// validateSources reports every mistake in the values of --source as one.
func (o *Options) validateSources() []error {
	if _, err := o.sources(); err != nil {
		return []error{fmt.Errorf("--source: %w", err)}
	}
	return nil
}

// checkOneEndpoint refuses what the server cannot follow yet.
func (o *Options) checkOneEndpoint() error {
	var errs errorList
	values := o.Scrape.Sources
	errs.check(len(values) <= 1, "only one source is supported yet, but %d were given", len(values))
	for _, value := range values {
		_, config, _ := strings.Cut(value, ":")
		errs.check(strings.Trim(config, `'"`) == "" && !strings.Contains(value, "?"),
			"an address or options after the prefix are not supported yet: write kubernetes:'' or kubernetes.summary_api:''")
	}
	return errors.Join(errs...)
}

func (o *Options) sourceDefaults() source.Defaults {
	// A selector that cannot be parsed is another flag's mistake.
	selector, err := labels.Parse(o.Scrape.NodeSelector)
	if err != nil {
		selector = labels.Everything()
	}
	k := o.Kubelet
	return source.Defaults{
		KubeletPort: k.Port, UseNodeStatusPort: k.UseNodeStatusPort, AddressTypes: k.addressTypes(),
		CAFile: k.CAFile, CertFile: k.CertFile, KeyFile: k.KeyFile, InsecureTLS: k.InsecureTLS, PlainHTTP: k.CompletelyInsecure,
		RequestTimeout: k.RequestTimeout, Resolution: o.Scrape.Resolution, NodeSelector: selector, Kubeconfig: o.Kubeconfig,
	}
}

func (o *KubeletOptions) addressTypes() []corev1.NodeAddressType {
	types := make([]corev1.NodeAddressType, 0, len(o.AddressTypes))
	for _, t := range o.AddressTypes {
		types = append(types, corev1.NodeAddressType(t))
	}
	return types
}
