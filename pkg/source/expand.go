package source

import (
	"regexp"
	"strings"
)

// variable matches a dollar sign and the name that follows, which may be missing.
var variable = regexp.MustCompile(`\$(?:\{\w+\}|\w+)?`)

// expand replaces $NAME and ${NAME} by the values of the variables.
func (s *spec) expand(text string, env func(string) (string, bool)) string {
	return variable.ReplaceAllStringFunc(text, func(found string) string {
		name := strings.Trim(found, "${}")
		value, set := env(name)
		if name == "" {
			s.rejectAll(" has a $ that no name of a variable follows: write $NAME or ${NAME}, or %%24 for the sign itself")
		} else if !set {
			s.rejectAll(" names the variable %s, which is not set: set it in Plimsoll's environment, or write %%24 for a dollar sign", name)
		}
		return value
	})
}
