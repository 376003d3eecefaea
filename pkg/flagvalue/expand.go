package flagvalue

import (
	"net/url"
	"regexp"
	"strings"
)

// variable matches a dollar sign and the name that follows, which may be missing.
var variable = regexp.MustCompile(`\$(?:\{\w+\}|\w+)?`)

// Expand replaces $NAME and ${NAME} by the values of the variables. In the value of a secret option the variable's value is escaped: a password may have any
// character.
func (v *Value) Expand(text string, env func(string) (string, bool)) string {
	var b strings.Builder
	end := 0
	for _, found := range variable.FindAllStringIndex(text, -1) {
		b.WriteString(text[end:found[0]])
		end = found[1]
		value := v.lookup(strings.Trim(text[found[0]:end], "${}"), env)
		if v.inSecret(text[:found[0]]) {
			value = url.QueryEscape(value)
		}
		b.WriteString(value)
	}
	b.WriteString(text[end:])
	return b.String()
}

func (v *Value) lookup(name string, env func(string) (string, bool)) string {
	value, set := env(name)
	if name == "" {
		v.Reject("", " has a $ that no name of a variable follows: write $NAME or ${NAME}, or %%24 for the sign itself")
	} else if !set {
		v.Reject("", " names the variable %s, which is not set: set it in Plimsoll's environment, or write %%24 for a dollar sign", name)
	}
	return value
}

// inSecret is true where the text ends within the value of a secret option.
func (v *Value) inSecret(text string) bool {
	start := strings.LastIndexAny(text, "?&")
	name, _, value := strings.Cut(text[start+1:], "=")
	return start >= 0 && value && v.isSecret(name)
}
