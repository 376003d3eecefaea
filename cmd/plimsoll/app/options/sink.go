package options

import (
	"os"

	"github.com/plimsoll/plimsoll/pkg/sink"
)

// sinks parses --sink.
func (o *Options) sinks() ([]sink.Sink, error) { return sink.ParseAll(o.Sinks, os.LookupEnv) }

// validateSinks returns every error in the values of --sink, and in the files that the valid ones name.
func (o *Options) validateSinks() []error {
	var errs errorList
	_, err := o.sinks()
	errs.addJoined(err)
	for _, value := range o.Sinks {
		if valid, err := sink.ParseAll([]string{value}, os.LookupEnv); err == nil {
			errs = append(errs, validateEndpoint("--sink "+valid[0].String()+": ", valid[0].Endpoint)...)
		}
	}
	return errs
}

// validateEndpoint checks the files that a sink names, which it reads again later.
func validateEndpoint(of string, e sink.Endpoint) []error {
	var errs errorList
	errs.add(checkCertificates(of+"caFile", e.CAFile))
	errs.add(checkKeyPair(of+"certFile", e.CertFile, "keyFile", e.KeyFile))
	errs.add(checkSecret(of+"pwFile", e.PasswordFile))
	errs.add(checkSecret(of+"tokenFile", e.TokenFile))
	return errs
}
