package source

import "regexp"

// variable matches a dollar sign and the name that follows, which may be missing.
var variable = regexp.MustCompile(`\$(?:\{(\w+)\}|(\w+))?`)

// expand replaces $NAME and ${NAME} by the values of the variables. The second result is false where it has added errors.
func (s *spec) expand(text string, env func(string) (string, bool)) (string, bool) {
	ok := true
	expanded := variable.ReplaceAllStringFunc(text, func(found string) string {
		groups := variable.FindStringSubmatch(found)
		name := groups[1] + groups[2]
		if name == "" {
			s.errorf(" has a $ that no name of a variable follows: write $NAME or ${NAME}, or %%24 for the sign itself")
			ok = false
			return ""
		}
		value, set := env(name)
		if !set {
			s.errorf(" names the variable %s, which is not set: set it in Plimsoll's environment, or write %%24 for a dollar sign", name)
			ok = false
		}
		return value
	})
	return expanded, ok
}
