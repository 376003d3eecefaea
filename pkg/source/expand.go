package source

import "regexp"

// variable is a dollar sign, with the name that follows it if one does.
var variable = regexp.MustCompile(`\$(?:\{(\w+)\}|(\w+))?`)

// expand puts in the values of $NAME and ${NAME}. It is false where that cannot be done, with the mistakes noted.
func (d *draft) expand(text string, env func(string) (string, bool)) (string, bool) {
	ok := true
	expanded := variable.ReplaceAllStringFunc(text, func(found string) string {
		groups := variable.FindStringSubmatch(found)
		name := groups[1] + groups[2]
		if name == "" {
			d.wrong(" has a $ that no name of a variable follows: write $NAME or ${NAME}, or %%24 for the sign itself")
			ok = false
			return ""
		}
		value, set := env(name)
		if !set {
			d.wrong(" names the variable %s, which is not set: set it in Plimsoll's environment, or write %%24 for a dollar sign", name)
			ok = false
		}
		return value
	})
	return expanded, ok
}
