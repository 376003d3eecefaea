package doctor

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText bounds each text of a report, in bytes. The longest cure has fewer.
const maxText = 1000

// Printable is the text without characters that a terminal interprets, in at most maxText bytes. A space replaces each run of space, so that it is one line.
func Printable(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r), r == utf8.RuneError:
			return '?'
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= maxText {
		return text
	}
	end := maxText - len("...")
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "..."
}

func joined(parts []string) string { return strings.Join(parts, "; ") }

// sentence begins the text with a capital letter, and ends it with a full stop.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(text[size:], ".") + "."
}
