package source

import (
	"net/url"
	"strings"
)

const prefixes = "write kubernetes (the kubelets' /metrics/resource) or kubernetes.summary_api (their /stats/summary)"

// parseSpec parses the text of a source. Errors are added to the spec.
func parseSpec(value string, env func(string) (string, bool)) *spec {
	s := &spec{raw: value, unparsed: make(map[subject]bool)}
	prefix, config := unwrap(value), ""
	if i := strings.IndexAny(prefix, ":?"); i >= 0 {
		prefix, config = prefix[:i], prefix[i:]
	}
	if !s.parsePrefix(prefix) {
		s.markUnparsed()
		return s
	}
	config, ok := s.expand(config, env)
	if !ok {
		s.markUnparsed()
		return s
	}
	s.parseConfig(config)
	return s
}

func (s *spec) parsePrefix(text string) bool {
	prefix, err := unquote(text)
	if err != nil {
		s.errorf(": the prefix %q %w", text, err)
		return false
	}
	for _, kind := range []Kind{Resource, Summary} {
		if prefix == kind.String() {
			s.kind = kind
			return true
		}
	}
	if prefix == "" {
		s.errorf(" has no prefix: %s", prefixes)
	} else {
		s.errorf(" has the unknown prefix %q: %s", prefix, prefixes)
	}
	return false
}

// parseConfig parses what follows the prefix, including the colon or question mark at its beginning.
func (s *spec) parseConfig(config string) {
	if expanded := s.kind.String() + config; redact(expanded) != expanded || redact(s.raw) != s.raw {
		s.markUnparsed()
		s.errorf(" has a user or password before the @ of a URL, where other users of the machine can read it: give credentials in a kubeconfig, with auth=FILE")
		return
	}
	if config, colon := strings.CutPrefix(config, ":"); colon {
		s.parseParts(unwrap(config))
		return
	}
	s.parseParts(config)
}

// parseParts parses the address and the options, either of which may be missing.
func (s *spec) parseParts(text string) {
	text, _, fragment := strings.Cut(text, "#")
	if fragment {
		s.markUnparsed()
		s.errorf(" has a fragment, which has no meaning for a server: leave out the # and what follows it, or write %%23 for the sign itself")
	}
	address, query, _ := strings.Cut(text, "?")
	s.parseAddress(address)
	s.parseOptions(query)
}

func (s *spec) parseOptions(query string) {
	given := make(map[string]string)
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, value, ok := s.parsePair(pair)
		if !ok {
			continue
		}
		if before, twice := given[name]; twice {
			s.checkSame(name, before, value)
			continue
		}
		given[name] = value
		s.parseOption(name, value)
	}
}

// checkSame rejects an option that is given a second time with another value.
func (s *spec) checkSame(name, before, value string) {
	if before == value {
		return
	}
	s.errorf(" gives %s twice, as %q and as %q: leave out one", name, before, value)
	if o, ok := optionNamed(name); ok {
		s.unparsed[o.subject] = true
	}
}

func (s *spec) parsePair(pair string) (name, value string, ok bool) {
	if strings.Contains(pair, ";") {
		s.markUnparsed()
		s.errorf(": %q has a semicolon: separate options with &, and write %%3B for the sign itself", pair)
		return "", "", false
	}
	name, text, _ := strings.Cut(pair, "=")
	value, err := unquote(text)
	if err != nil {
		s.invalidQuotes(name, text, err)
		return "", "", false
	}
	name, errName := url.QueryUnescape(name)
	value, errValue := url.QueryUnescape(value)
	if errName != nil || errValue != nil {
		s.markUnparsed()
		s.errorf(": %q has a %% that two hexadecimal digits do not follow: write %%25 for the sign itself", pair)
		return "", "", false
	}
	return name, value, true
}

// invalidQuotes rejects the quotes in the value of an option. Where there is no such option the value is not repeated, as it may be a secret.
func (s *spec) invalidQuotes(name, text string, err error) {
	o, ok := optionNamed(name)
	if !ok {
		s.markUnparsed()
		s.errorf(": the value of %q %w", name, err)
		return
	}
	s.unparsed[o.subject] = true
	s.errorf(": %s=%q %w", name, text, err)
}

func (s *spec) parseOption(name, value string) {
	o, ok := optionNamed(name)
	if !ok {
		s.unknownOption(name)
		return
	}
	if err := o.set(&s.values, value); err != nil {
		s.unparsed[o.subject] = true
		s.errorf(": %s=%q %w", name, value, err)
	}
}

// unknownOption rejects an option. The subject of the most similar known option is unparsed then.
func (s *spec) unknownOption(name string) {
	near, ok := nearest(name)
	if !ok {
		s.errorf(" has the unknown option %q: allowed are %s", name, list(optionNames()))
		return
	}
	s.unparsed[near.subject] = true
	s.errorf(" has the unknown option %q: did you mean %s? Allowed are %s", name, near.Name, list(optionNames()))
}
