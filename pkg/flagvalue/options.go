package flagvalue

import (
	"net/url"
	"slices"
	"strings"
)

// ParseOptions parses NAME=VALUE pairs that are joined by &. It calls set with each of the allowed options, in order and once; the error of set continues a
// sentence that begins with the option and the value.
func (v *Value) ParseOptions(query string, allowed []string, set func(name, value string) error) {
	given := make(map[string]string)
	secret := "" // The name of the option before, where that is a secret: what follows may be a part of its value that is not escaped.
	for pair := range strings.SplitSeq(query, "&") {
		name, value, ok := v.parsePair(pair, secret, allowed)
		if !ok {
			continue
		}
		before, twice := given[name]
		given[name] = value
		switch known := slices.Contains(allowed, name); {
		case !known && (!twice || secret != ""):
			v.unknown(name, secret, allowed)
			continue
		case !twice:
			v.set(name, value, set)
		case before != value && v.isSecret(name):
			v.Reject(name, " gives %s twice, with two values: leave out one", name)
		case before != value:
			v.Reject(name, " gives %s twice, as %q and as %q: leave out one", name, before, value)
		}
		if secret = ""; v.isSecret(name) {
			secret = name
		}
	}
}

// parsePair parses NAME=VALUE. It is false where there is none, or where a mistake was added.
func (v *Value) parsePair(pair, secret string, allowed []string) (name, value string, ok bool) {
	name, text, _ := strings.Cut(pair, "=")
	known, shown := slices.Contains(allowed, name), pair
	switch {
	case v.mayBeSecret(name):
		shown = name + "=" + redacted
	case secret != "" && !known:
		shown = secret + "=" + redacted
	}
	if strings.Contains(pair, ";") {
		v.Reject("", ": %q has a semicolon: separate options with &, and write %%3B for the sign itself", shown)
		return "", "", false
	}
	value, err := v.unquote(name, text)
	switch {
	case err != nil && known && shown == pair:
		v.Reject(name, ": %s=%q %w", name, text, err)
	case err != nil && shown != pair:
		v.Reject("", ": %q %w", shown, err)
	case err != nil: // The value may be a secret.
		v.Reject("", ": the value of %q %w", name, err)
	default:
		name, err = url.QueryUnescape(name)
		if value, errValue := url.QueryUnescape(value); err == nil && errValue == nil {
			return name, value, pair != ""
		}
		v.Reject("", ": %q has a %% that two hexadecimal digits do not follow: write %%25 for the sign itself", shown)
	}
	return "", "", false
}

func (v *Value) set(name, value string, set func(name, value string) error) {
	switch err := set(name, value); {
	case err == nil:
	case v.isSecret(name):
		v.Reject(name, ": %s %w", name, err)
	default:
		v.Reject(name, ": %s=%q %w", name, value, err)
	}
}

// unknown adds a mistake about an option that is not allowed, because of which the most similar one is not known.
func (v *Value) unknown(name, secret string, allowed []string) {
	list := strings.Join(allowed, ", ")
	switch similar := nearest(name, allowed); {
	case len(allowed) == 0:
		v.Errorf(" has the unknown option %q: it has no options", name)
	case similar != "":
		v.Reject(similar, " has the unknown option %q: did you mean %s? Allowed are %s", name, similar, list)
	case secret != "":
		v.Reject("", " has behind %s an & and no option: write %%26 for the sign itself, or give the value in a variable or a file", secret)
	default:
		v.Errorf(" has the unknown option %q: allowed are %s", name, list)
	}
}
