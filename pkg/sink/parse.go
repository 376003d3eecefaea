package sink

import (
	"errors"
	"fmt"
	"slices"

	"github.com/plimsoll/plimsoll/pkg/flagvalue"
)

// ParseAll parses and validates every value of --sink, in order, and fills in the defaults. Environment variables come from env, whose second result is
// false where a variable is not set. The error joins all errors of all values, each a sentence that names its sink and what is allowed; none contains a
// secret.
func ParseAll(values []string, env func(name string) (string, bool)) ([]Sink, error) {
	var errs []error
	var sinks []Sink
	count := map[Kind]int{}
	for i, value := range values {
		s := parseSpec(value, env)
		if slices.Contains(values[:i], value) {
			s.Errorf(" is given twice: everything would be written twice")
		}
		errs = append(errs, s.Errs...)
		out := s.sink()
		count[out.Kind]++
		if n := count[out.Kind]; n > 1 {
			out.Name = fmt.Sprintf("%s-%d", out.Name, n)
		}
		sinks = append(sinks, out)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return sinks, nil
}

const writePrefix = "write influxdb, otlp, prometheus or log"

// spec is one value of --sink under validation.
type spec struct {
	flagvalue.Value
	kind Kind
	values
	// unparsed are the options that could not be parsed, with "" for all. Rules about these are not checked, because their errors would only be consequences
	// of the one that is reported.
	unparsed map[string]bool
}

func parseSpec(value string, env func(string) (string, bool)) *spec {
	s := &spec{unparsed: map[string]bool{}}
	s.Value = flagvalue.Value{Language: language, Raw: value, Rejected: func(option string) { s.unparsed[option] = true }}
	prefix, config := s.Split()
	s.parsePrefix(prefix)
	if len(s.Errs) == 0 {
		config = s.Expand(config, env)
	}
	if len(s.Errs) == 0 {
		s.parseConfig(config, env)
	}
	return s
}

func (s *spec) parsePrefix(text string) {
	prefix, err := flagvalue.Unquote(text)
	kind := slices.Index(prefixes[:], prefix)
	successor, isHeapsters := successors[prefix]
	switch {
	case err != nil:
		s.Reject("", ": the prefix %q %w", text, err)
	case prefix == "":
		s.Reject("", " has no prefix: %s", writePrefix)
	case isHeapsters:
		s.Reject("", ": Plimsoll does not have Heapster's sink %s: %s", prefix, successor)
	case kind < 0:
		s.Reject("", " has the unknown prefix %q: %s", prefix, writePrefix)
	default:
		s.kind = Kind(kind)
	}
}

// parseConfig parses what follows the prefix, and then the environment that stands in for what is not given.
func (s *spec) parseConfig(config string, env func(string) (string, bool)) {
	if s.HasUser(s.kind.String()+config) || s.HasUser(s.Raw) {
		s.Reject("", " has a user or password before the @ of a URL: give them by user=NAME and pwFile=FILE")
		return
	}
	address, query := s.SplitConfig(config)
	s.parseAddress(address)
	s.ParseOptions(query, optionNames(s.kind), func(name, value string) error { return optionNamed(name).set(&s.values, value) })
	if s.kind == OTLP && len(s.Errs) == 0 {
		s.readEnvironment(env)
	}
	s.check()
}
