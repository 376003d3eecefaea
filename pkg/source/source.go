package source

import (
	"errors"
	"fmt"
	"strings"
)

// Kind is the kubelet endpoint that a source reads.
type Kind uint8

const (
	// Resource is /metrics/resource: CPU and memory in the Prometheus text format.
	Resource Kind = iota
	// Summary is /stats/summary: the kubelet's own JSON.
	Summary
)

const supported = "supported are kubernetes:'' (the kubelet's /metrics/resource) and kubernetes.summary_api:'' (its /stats/summary)"

// String returns the prefix that selects the kind.
func (k Kind) String() string {
	if k == Summary {
		return "kubernetes.summary_api"
	}
	return "kubernetes"
}

// Source is one value of --source.
type Source struct {
	// Kind is the endpoint to read.
	Kind Kind
	// Raw is the value as it was written, for messages.
	Raw string
}

// Parse reads one value of --source. An error names the value and what is supported.
func Parse(s string) (Source, error) {
	prefix, config := s, ""
	if i := strings.IndexAny(s, ":?"); i >= 0 {
		prefix, config = s[:i], strings.TrimPrefix(s[i:], ":")
	}
	kind, ok := kindOf(prefix)
	switch {
	case prefix == "":
		return Source{}, fmt.Errorf("source %q has no prefix; %s", s, supported)
	case !ok:
		return Source{}, fmt.Errorf("source %q has the unknown prefix %q; %s", s, prefix, supported)
	case !empty(config):
		return Source{}, fmt.Errorf("source %q: an address or options after %q are not supported yet; %s", s, prefix, supported)
	}
	return Source{Kind: kind, Raw: s}, nil
}

// ParseAll reads every value of --source; none at all means one source of the kind Resource. All errors are reported, joined.
func ParseAll(values []string) ([]Source, error) {
	if len(values) == 0 {
		values = []string{Resource.String()}
	}
	var errs []error
	if len(values) > 1 {
		errs = append(errs, fmt.Errorf("only one source is supported yet, but %d were given: %q", len(values), values))
	}
	sources := make([]Source, 0, len(values))
	for _, value := range values {
		source, err := Parse(value)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		sources = append(sources, source)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return sources, nil
}

func kindOf(prefix string) (Kind, bool) {
	for _, kind := range []Kind{Resource, Summary} {
		if prefix == kind.String() {
			return kind, true
		}
	}
	return 0, false
}

// empty tells whether a CONFIG says nothing. Manifests of Heapster's time carry the quotes of the shell that never ran.
func empty(config string) bool {
	return config == "" || config == "''" || config == `""`
}
