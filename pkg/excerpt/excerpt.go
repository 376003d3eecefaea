package excerpt

import (
	"strconv"
	"unicode/utf8"
)

// MaxBytes is the maximum length of an excerpt, in bytes, including escapes and the mark of the cut.
const MaxBytes = 200

// cut marks an excerpt that is shorter than its text.
const cut = "..."

// Of returns the beginning of a text, in at most MaxBytes bytes. Characters that cannot be printed are escaped as in Go. The cost does not depend on the
// length of the text.
func Of(text string) string {
	return beginning(text, MaxBytes, func(r rune) string {
		if r == '"' || r == '\\' {
			return string(r) // Only within quotes are they escaped.
		}
		return escaped(r)
	})
}

// Quote is Of between double quotes, which count in MaxBytes. Quotes and backslashes within the text are escaped.
func Quote(text string) string {
	return `"` + beginning(text, MaxBytes-2, escaped) + `"`
}

func beginning(text string, limit int, escape func(rune) string) string {
	out := make([]byte, 0, min(len(text), limit))
	fits := 0 // the length of the longest beginning that leaves space for the mark
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			out = append(out, `\x`+strconv.FormatUint(uint64(text[i]), 16)...)
		} else {
			out = append(out, escape(r)...)
		}
		i += size
		switch {
		case len(out) > limit:
			return string(out[:fits]) + cut
		case len(out) <= limit-len(cut):
			fits = len(out)
		}
	}
	return string(out)
}

func escaped(r rune) string {
	quoted := strconv.Quote(string(r))
	return quoted[1 : len(quoted)-1]
}
