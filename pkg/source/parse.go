package source

import (
	"errors"

	"k8s.io/apimachinery/pkg/labels"
)

// ParseAll parses and validates every value of --source, in order, and fills in the defaults; no value at all means one source of the kind Resource.
// Environment variables come from env, whose second result is false where a variable is not set. The error joins all errors of all values, each a
// sentence that names its source and what is allowed; none contains the password of a URL.
func ParseAll(values []string, d Defaults, env func(name string) (string, bool)) ([]Source, error) {
	if len(values) == 0 {
		values = []string{Resource.String()}
	}
	if d.NodeSelector == nil {
		d.NodeSelector = labels.Everything()
	}
	specs := make([]*spec, 0, len(values))
	for _, value := range values {
		specs = append(specs, parseSpec(value, env))
	}
	resolveAccess(specs, d)
	checkShadowed(specs, d)

	var errs []error
	sources := make([]Source, 0, len(specs))
	for _, s := range specs {
		s.checkKubelet(d)
		s.checkEngine()
		s.checkWindow(d)
		s.checkTimes(d)
		errs = append(errs, s.Errs...)
		sources = append(sources, s.source(d))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return sources, nil
}

// Parse parses one value of --source as ParseAll does.
func Parse(value string, d Defaults, env func(name string) (string, bool)) (Source, error) {
	sources, err := ParseAll([]string{value}, d, env)
	if err != nil {
		return Source{}, err
	}
	return sources[0], nil
}
