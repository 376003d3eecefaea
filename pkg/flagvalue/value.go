package flagvalue

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Language is what the values of one flag have in common. It is made by NewLanguage and not changed afterwards.
type Language struct {
	flag             string
	options, secrets []string
	// quoted are the options whose values may have quotes in them.
	quoted []string
	// optionStart matches the beginning of a known option. Any other & or ? may be part of a password that is not escaped.
	optionStart *regexp.Regexp
}

// NewLanguage returns the language of a flag, whose name without dashes begins each message. Options are the names of all options, and secrets those among
// them whose values are in no message.
func NewLanguage(flag string, options, secrets []string) *Language {
	return &Language{
		flag: flag, options: options, secrets: secrets,
		optionStart: regexp.MustCompile(`[?&](?:` + strings.Join(options, "|") + `)=`),
	}
}

// WithQuotesIn returns the language with options whose values may have quotes in them: only a pair around the whole value is removed.
func (l *Language) WithQuotesIn(options ...string) *Language {
	changed := *l
	changed.quoted = options
	return &changed
}

func (l *Language) isSecret(option string) bool { return slices.Contains(l.secrets, option) }

// Value is one value of a flag while it is parsed.
type Value struct {
	*Language
	// Raw is the value as it was written.
	Raw string
	// Errs are the mistakes so far, each a sentence that begins with the flag and the value.
	Errs []error
	// Rejected is called with each option that cannot be parsed, and with "" where that may be any option. It may be nil.
	Rejected func(option string)
}

// String returns the value as it was written, quoted, without secrets.
func (v *Value) String() string { return v.Quote(v.Raw) }

// Errorf adds a mistake. The format continues a sentence that begins with the flag and the value.
func (v *Value) Errorf(format string, args ...any) {
	v.Errs = append(v.Errs, fmt.Errorf("%s %v%w", v.flag, v, fmt.Errorf(format, args...)))
}

// Reject adds a mistake because of which the option is not known; "" stands for all options.
func (v *Value) Reject(option, format string, args ...any) {
	if v.Rejected != nil {
		v.Rejected(option)
	}
	v.Errorf(format, args...)
}

// Split returns the prefix, in its quotes, and what follows it.
func (v *Value) Split() (prefix, config string) {
	prefix = unwrap(v.Raw)
	if i := strings.IndexAny(prefix, ":?"); i >= 0 {
		return prefix[:i], prefix[i:]
	}
	return prefix, ""
}

// SplitConfig returns the address and the options, without colon and question mark, of what follows the prefix. Either may be missing.
func (v *Value) SplitConfig(config string) (address, options string) {
	if after, colon := strings.CutPrefix(config, ":"); colon {
		config = unwrap(after)
	}
	config, _, fragment := strings.Cut(config, "#")
	if fragment {
		v.Reject("", " has a fragment, which has no meaning for a server: leave out the # and what follows it, or write %%23 for the sign itself")
	}
	address, options, _ = strings.Cut(config, "?")
	return address, options
}
