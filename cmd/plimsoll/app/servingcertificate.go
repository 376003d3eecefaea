package app

import (
	"fmt"

	"k8s.io/client-go/kubernetes"
	apiregistration "k8s.io/kube-aggregator/pkg/client/clientset_generated/clientset/typed/apiregistration/v1"
	"k8s.io/metrics/pkg/apis/metrics"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/servingcert"
)

// newServingCertificate makes, shares and renews the server's own certificate; nil where the options want none. It reaches the home cluster by
// a client of its own, whose responses set the clock of the certificates.
func newServingCertificate(config *options.Config, reg metricsRegistry) (*servingcert.Manager, error) {
	if config.ServingCertificate == nil {
		return nil, nil
	}
	service := config.ServingCertificate.Service
	access, err := options.RESTConfig(config.ServingCertificate.API)
	if err != nil {
		return nil, err
	}
	clock := &servingcert.ServerTime{}
	access.Wrap(clock.Wrap)
	client, err := kubernetes.NewForConfig(access)
	if err != nil {
		return nil, fmt.Errorf("make a client of the API server for the serving certificate: %w", err)
	}
	registered, err := apiregistration.NewForConfig(access)
	if err != nil {
		return nil, fmt.Errorf("make a client of the APIServices: %w", err)
	}
	made, err := servingcert.New(servingcert.Config{
		Service: service, Secrets: client.CoreV1().Secrets(service.Namespace),
		APIServices: registered.APIServices(), Names: []string{"v1." + metrics.GroupName, "v1beta1." + metrics.GroupName},
		Clock: clock, Lifetimes: servingcert.DefaultLifetimes(),
	})
	if err != nil {
		return nil, err
	}
	return made, registerGauges(reg, certificateGauges(made)...)
}

// certificateGauges show when the certificate ends, when a request about it last failed, and whether the API server reaches the server.
func certificateGauges(m *servingcert.Manager) []*gauge {
	return []*gauge{
		newGauge("plimsoll_apiservice_available",
			"1 where the API server has the APIService of the metrics API as available, 0 where it has not. Without a right to get APIServices there is none.", []string{"apiservice"}, func(set setGauge) {
				for name, available := range m.Available() {
					value := 0.0
					if available {
						value = 1
					}
					set(value, name)
				}
			}),
		newGauge("plimsoll_serving_certificate_expiration_timestamp_seconds",
			"When the server's own certificate ends, and when the authority ends that has signed it, in seconds since 1970.", []string{"certificate"}, func(set setGauge) {
				serving, authority := m.Expiry()
				set(float64(serving.Unix()), "serving")
				set(float64(authority.Unix()), "authority")
			}),
		newGauge("plimsoll_serving_certificate_last_failure_timestamp_seconds",
			"When a request about the Secret of the serving certificate, or about caBundle, last failed, or another client had replaced caBundle, in seconds since 1970, by resource; 0 for never.", []string{"resource"}, func(set setGauge) {
				for resource, at := range m.LastFailures() {
					set(float64(at), resource)
				}
			}),
	}
}

// serveWith has the server serve with the certificate and keep it; nil changes nothing.
func serveWith(certificate *servingcert.Manager, config *apiserver.Config) {
	if certificate == nil {
		return
	}
	config.Generic.SecureServing.Cert = certificate
	config.Extra.Background = append(config.Extra.Background, apiserver.Background{Name: "serving-certificate-renewal", Start: certificate.Start})
	config.Extra.ReadyChecks = append(config.Extra.ReadyChecks, certificate.ReadyCheck())
}
