package flagvalue

import (
	"regexp"
	"strconv"
	"strings"
)

// anyOption matches an option, with its name in the second group.
var anyOption = regexp.MustCompile(`([?&]([^=&]*)=)[^&]*`)

// secretName matches a name that suggests that the value is a secret, as those do that are misspelt or another program's.
var secretName = regexp.MustCompile(`(?i)^p$|pw|pass|token|secret|cred|key|auth`)

const redacted = "REDACTED"

// Quote returns a value of the flag for a message, as Redact does, and quoted.
func (l *Language) Quote(value string) string { return strconv.Quote(l.Redact(value)) }

// Redact returns a value of the flag without the user and the password of a URL, and without the values of options that are secrets, or whose name suggests
// that they are.
func (l *Language) Redact(value string) string {
	value = l.redact(value, func(part string) string {
		if name, _, _ := strings.Cut(part[min(1, len(part)):], "="); l.isSecret(name) {
			return part[:1] + name + "=" + redacted
		}
		return part
	})
	return anyOption.ReplaceAllStringFunc(value, func(option string) string {
		if match := anyOption.FindStringSubmatch(option); l.mayBeSecret(match[2]) {
			return match[1] + redacted
		}
		return option
	})
}

// mayBeSecret is true of an option that is a secret, or a misspelt one, and of one that is not known and has the name of a secret.
func (l *Language) mayBeSecret(option string) bool {
	if similar := nearest(option, l.options); similar != "" {
		return l.isSecret(similar)
	}
	return secretName.MatchString(option) && !strings.HasSuffix(strings.ToLower(option), "file")
}

// HasUser is true where there may be a user and a password in a URL: where something stands between the beginning of a URL, or of the address, and the last @
// before the next option.
func (l *Language) HasUser(value string) bool {
	return l.redact(value, func(part string) string { return part }) != value
}

// redact replaces what may be a user and a password, and passes each option, with the & or ? before it, through a function.
func (l *Language) redact(value string, option func(string) string) string {
	var b strings.Builder
	start := 0
	for _, next := range l.optionStart.FindAllStringIndex(value, -1) {
		b.WriteString(option(redactUser(value[start:next[0]], start == 0)))
		start = next[0]
	}
	b.WriteString(option(redactUser(value[start:], start == 0)))
	return b.String()
}

func redactUser(part string, hasAddress bool) string {
	at := strings.LastIndexByte(part, '@')
	if at < 0 {
		return part
	}
	if i := strings.Index(part[:at], "://"); i >= 0 {
		return part[:i] + "://" + redacted + part[at:]
	}
	if i := strings.IndexByte(part[:at], ':'); i >= 0 && hasAddress {
		return part[:i] + ":" + redacted + part[at:]
	}
	return part
}
