package source

import (
	"net/url"
	"slices"
	"strings"
)

const writePrefix = "write kubernetes (the kubelets' /metrics/resource) or kubernetes.summary_api (their /stats/summary)"

// parseSpec parses the text of a source. Errors are added to the spec.
func parseSpec(value string, env func(string) (string, bool)) *spec {
	s := &spec{raw: value, unparsed: make(map[subject]bool)}
	prefix, config := unwrap(value), ""
	if i := strings.IndexAny(prefix, ":?"); i >= 0 {
		prefix, config = prefix[:i], prefix[i:]
	}
	s.parsePrefix(prefix)
	if len(s.errs) == 0 {
		config = s.expand(config, env)
	}
	if len(s.errs) == 0 {
		s.parseConfig(config)
	}
	return s
}

func (s *spec) parsePrefix(text string) {
	prefix, err := unquote(text)
	kind := slices.Index(prefixes[:], prefix)
	switch {
	case err != nil:
		s.rejectAll(": the prefix %q %w", text, err)
	case prefix == "":
		s.rejectAll(" has no prefix: %s", writePrefix)
	case kind < 0:
		s.rejectAll(" has the unknown prefix %q: %s", prefix, writePrefix)
	default:
		s.kind = Kind(kind)
	}
}

// parseConfig parses what follows the prefix: the address after a colon, and the options after a question mark. Either may be missing.
func (s *spec) parseConfig(config string) {
	if expanded := s.kind.String() + config; redact(expanded) != expanded || redact(s.raw) != s.raw {
		s.rejectAll(" has a user or password before the @ of a URL, where other users of the machine can read it: give credentials in a kubeconfig, with auth=FILE")
		return
	}
	if after, colon := strings.CutPrefix(config, ":"); colon {
		config = unwrap(after)
	}
	config, _, fragment := strings.Cut(config, "#")
	if fragment {
		s.rejectAll(" has a fragment, which has no meaning for a server: leave out the # and what follows it, or write %%23 for the sign itself")
	}
	address, query, _ := strings.Cut(config, "?")
	s.parseAddress(address)
	s.parseOptions(query)
}

func (s *spec) parseOptions(query string) {
	given := make(map[string]string)
	for pair := range strings.SplitSeq(query, "&") {
		name, value, ok := s.parsePair(pair)
		if !ok {
			continue
		}
		before, twice := given[name]
		switch o := optionNamed(name); {
		case !twice:
			given[name] = value
			s.setOption(o, name, value)
		case before != value:
			s.reject(o.subject, " gives %s twice, as %q and as %q: leave out one", name, before, value)
		}
	}
}

// parsePair parses NAME=VALUE. It is false where there is none, or where an error was added.
func (s *spec) parsePair(pair string) (name, value string, ok bool) {
	if strings.Contains(pair, ";") {
		s.rejectAll(": %q has a semicolon: separate options with &, and write %%3B for the sign itself", pair)
		return "", "", false
	}
	name, text, _ := strings.Cut(pair, "=")
	value, err := unquote(text)
	switch o := optionNamed(name); {
	case err != nil && o.name == "": // The value may be a secret.
		s.rejectAll(": the value of %q %w", name, err)
	case err != nil:
		s.reject(o.subject, ": %s=%q %w", name, text, err)
	default:
		name, err = url.QueryUnescape(name)
		if value, errValue := url.QueryUnescape(value); err == nil && errValue == nil {
			return name, value, pair != ""
		}
		s.rejectAll(": %q has a %% that two hexadecimal digits do not follow: write %%25 for the sign itself", pair)
	}
	return "", "", false
}

// setOption sets the option; o is the zero one where there is none of the name. Then the subject of the most similar option is unparsed.
func (s *spec) setOption(o option, name, value string) {
	if o.name != "" {
		if err := o.set(&s.values, value); err != nil {
			s.reject(o.subject, ": %s=%q %w", name, value, err)
		}
		return
	}
	if o = nearest(name); o.name == "" {
		s.errorf(" has the unknown option %q: allowed are %s", name, list(OptionNames()))
		return
	}
	s.reject(o.subject, " has the unknown option %q: did you mean %s? Allowed are %s", name, o.name, list(OptionNames()))
}
