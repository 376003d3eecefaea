package source

import (
	"slices"

	"github.com/plimsoll/plimsoll/pkg/flagvalue"
)

const writePrefix = "write kubernetes (the kubelets' /metrics/resource), kubernetes.summary_api (their /stats/summary), or prometheus (an engine that has scraped them)"

// parseSpec parses the text of a source. Errors are added to the spec.
func parseSpec(value string, env func(string) (string, bool)) *spec {
	s := &spec{unparsed: make(map[subject]bool)}
	s.Value = flagvalue.Value{Language: language, Raw: value, Rejected: s.markUnparsed}
	prefix, config := s.Split()
	s.parsePrefix(prefix)
	if len(s.Errs) == 0 {
		config = s.Expand(config, env)
	}
	if len(s.Errs) == 0 {
		s.parseConfig(config)
	}
	return s
}

func (s *spec) parsePrefix(text string) {
	prefix, err := flagvalue.Unquote(text)
	kind := slices.Index(prefixes[:], prefix)
	switch {
	case err != nil:
		s.Reject("", ": the prefix %q %w", text, err)
	case prefix == "":
		s.Reject("", " has no prefix: %s", writePrefix)
	case kind < 0:
		s.Reject("", " has the unknown prefix %q: %s", prefix, writePrefix)
	default:
		s.kind = Kind(kind)
	}
}

// parseConfig parses what follows the prefix: the address after a colon, and the options after a question mark. Either may be missing.
func (s *spec) parseConfig(config string) {
	if s.HasUser(s.kind.String()+config) || s.HasUser(s.Raw) {
		s.Reject("", " has a user or password before the @ of a URL, where other users of the machine can read it: give credentials in a kubeconfig, with auth=FILE")
		return
	}
	address, query := s.SplitConfig(config)
	s.parseAddress(address)
	s.ParseOptions(query, s.kind.OptionNames(), func(name, value string) error { return optionNamed(name).set(&s.values, value) })
}
