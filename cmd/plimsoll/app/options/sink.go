package options

import (
	"os"
	"slices"

	"github.com/plimsoll/plimsoll/pkg/sink"
	"github.com/plimsoll/plimsoll/pkg/source"
)

// sinks parses --sink.
func (o *Options) sinks() ([]sink.Sink, error) { return sink.ParseAll(o.Sinks, os.LookupEnv) }

// validateSinks returns every error in the values of --sink, and in the files that the valid ones name.
func (o *Options) validateSinks() []error {
	var errs errorList
	sinks, err := o.sinks()
	errs.addJoined(err)
	if sources, err := o.sources(); err == nil {
		errs = append(errs, checkClusterNames(sinks, sources)...)
	}
	for _, value := range o.Sinks {
		if valid, err := sink.ParseAll([]string{value}, os.LookupEnv); err == nil {
			errs = append(errs, validateEndpoint("--sink "+valid[0].String()+": ", valid[0].Endpoint)...)
		}
	}
	return errs
}

// checkClusterNames returns the sinks that would write the usage of the home cluster and of another one under the same name.
func checkClusterNames(sinks []sink.Sink, sources []source.Source) []error {
	var errs errorList
	isRead := func(cluster string) bool {
		return slices.ContainsFunc(sources, func(s source.Source) bool { return s.Cluster == cluster })
	}
	for _, s := range sinks {
		errs.check(s.Cluster == "" || !isRead("") || !isRead(s.Cluster),
			"--sink %v: the home cluster would have the name of another cluster, %q, and the usage of both would be mixed: give it another one by cluster_name", s, s.Cluster)
	}
	return errs
}

// validateEndpoint checks the files that a sink or an engine has, which are read again later.
func validateEndpoint(of string, e sink.Endpoint) []error {
	var errs errorList
	errs.add(checkCertificates(of+"caFile", e.CAFile))
	errs.add(checkKeyPair(of+"certFile", e.CertFile, "keyFile", e.KeyFile))
	errs.add(checkSecret(of+"pwFile", e.PasswordFile))
	errs.add(checkSecret(of+"tokenFile", e.TokenFile))
	return errs
}
