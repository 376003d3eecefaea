package source

import (
	"net/url"
	"strings"
)

const prefixes = "write kubernetes (the kubelets' /metrics/resource) or kubernetes.summary_api (their /stats/summary)"

// read takes the text of a source apart. Mistakes are noted in the draft.
func read(value string, env func(string) (string, bool)) *draft {
	d := &draft{raw: value, unclear: make(map[subject]bool)}
	prefix, config := unwrap(value), ""
	if i := strings.IndexAny(prefix, ":?"); i >= 0 {
		prefix, config = prefix[:i], prefix[i:]
	}
	if !d.readPrefix(prefix) {
		d.lose()
		return d
	}
	config, ok := d.expand(config, env)
	if !ok {
		d.lose()
		return d
	}
	d.readConfig(config)
	return d
}

func (d *draft) readPrefix(text string) bool {
	prefix, err := unquote(text)
	if err != nil {
		d.wrong(": the prefix %q %w", text, err)
		return false
	}
	for _, kind := range []Kind{Resource, Summary} {
		if prefix == kind.String() {
			d.kind = kind
			return true
		}
	}
	if prefix == "" {
		d.wrong(" has no prefix: %s", prefixes)
	} else {
		d.wrong(" has the unknown prefix %q: %s", prefix, prefixes)
	}
	return false
}

// readConfig reads what follows the prefix, with the colon or question mark that it begins with.
func (d *draft) readConfig(config string) {
	if expanded := d.kind.String() + config; redact(expanded) != expanded || redact(d.raw) != d.raw {
		d.lose()
		d.wrong(" has a user or password before the @ of a URL, where other users of the machine can read it: give credentials in a kubeconfig, with auth=FILE")
		return
	}
	if config, colon := strings.CutPrefix(config, ":"); colon {
		d.readParts(unwrap(config))
		return
	}
	d.readParts(config)
}

// readParts reads the address and the options, either of which may be missing.
func (d *draft) readParts(text string) {
	text, _, fragment := strings.Cut(text, "#")
	if fragment {
		d.lose()
		d.wrong(" has a fragment, which means nothing to a server: leave out the # and what follows it, or write %%23 for the sign itself")
	}
	address, query, _ := strings.Cut(text, "?")
	d.readAddress(address)
	d.readOptions(query)
}

func (d *draft) readOptions(query string) {
	given := make(map[string]string)
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, value, ok := d.readPair(pair)
		if !ok {
			continue
		}
		if before, twice := given[name]; twice {
			d.checkSame(name, before, value)
			continue
		}
		given[name] = value
		d.readOption(name, value)
	}
}

// checkSame refuses an option that is given again with another value.
func (d *draft) checkSame(name, before, value string) {
	if before == value {
		return
	}
	d.wrong(" gives %s twice, as %q and as %q: leave out one", name, before, value)
	if o, ok := optionNamed(name); ok {
		d.unclear[o.about] = true
	}
}

func (d *draft) readPair(pair string) (name, value string, ok bool) {
	if strings.Contains(pair, ";") {
		d.lose()
		d.wrong(": %q has a semicolon: separate options with &, and write %%3B for the sign itself", pair)
		return "", "", false
	}
	name, text, _ := strings.Cut(pair, "=")
	value, err := unquote(text)
	if err != nil {
		d.misquoted(name, text, err)
		return "", "", false
	}
	name, errName := url.QueryUnescape(name)
	value, errValue := url.QueryUnescape(value)
	if errName != nil || errValue != nil {
		d.lose()
		d.wrong(": %q has a %% that two hexadecimal digits do not follow: write %%25 for the sign itself", pair)
		return "", "", false
	}
	return name, value, true
}

// misquoted refuses the quotes in the value of an option. Where there is no such option the value may be a secret.
func (d *draft) misquoted(name, text string, err error) {
	o, ok := optionNamed(name)
	if !ok {
		d.lose()
		d.wrong(": the value of %q %w", name, err)
		return
	}
	d.unclear[o.about] = true
	d.wrong(": %s=%q %w", name, text, err)
}

func (d *draft) readOption(name, value string) {
	o, ok := optionNamed(name)
	if !ok {
		d.unknown(name)
		return
	}
	if err := o.set(&d.statement, value); err != nil {
		d.unclear[o.about] = true
		d.wrong(": %s=%q %w", name, value, err)
	}
}

// unknown refuses an option. What the nearest known one is about is unclear then.
func (d *draft) unknown(name string) {
	near, ok := nearest(name)
	if !ok {
		d.wrong(" has the unknown option %q: allowed are %s", name, list(optionNames()))
		return
	}
	d.unclear[near.about] = true
	d.wrong(" has the unknown option %q: did you mean %s? Allowed are %s", name, near.Name, list(optionNames()))
}
