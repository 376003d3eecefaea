package source

import (
	"regexp"
	"strconv"
	"strings"
)

// optionStart matches the beginning of a known option. Any other & or ? may be part of a password that is not escaped.
var optionStart = regexp.MustCompile(`[?&](?:` + strings.Join(OptionNames(), "|") + `)=`)

// secretOption matches an unknown option whose name suggests that its value is a secret.
var secretOption = regexp.MustCompile(`(?i)([?&][^=&]*(?:token|passw|pwd|secret|credential)[^=&]*=)[^&]*`)

// quote returns a value of --source for a message: quoted, without the user and the password of a URL, and without the values of secretOption.
func quote(value string) string {
	return strconv.Quote(secretOption.ReplaceAllString(redact(value), "${1}REDACTED"))
}

// redact replaces what may be a user and a password: what stands between the beginning of a URL, or of the address, and the last @
// before the next option.
func redact(value string) string {
	var b strings.Builder
	start := 0
	for _, option := range optionStart.FindAllStringIndex(value, -1) {
		b.WriteString(redactPart(value[start:option[0]], start == 0))
		start = option[0]
	}
	b.WriteString(redactPart(value[start:], start == 0))
	return b.String()
}

func redactPart(part string, hasAddress bool) string {
	at := strings.LastIndexByte(part, '@')
	if at < 0 {
		return part
	}
	if i := strings.Index(part[:at], "://"); i >= 0 {
		return part[:i] + "://REDACTED" + part[at:]
	}
	if i := strings.IndexByte(part[:at], ':'); i >= 0 && hasAddress {
		return part[:i] + ":REDACTED" + part[at:]
	}
	return part
}
