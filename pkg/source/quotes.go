package source

import (
	"errors"
	"strings"
)

const quotes = `'"`

// unwrap takes away quotes around a text that has parts of its own. Quotes that belong to these parts are left.
func unwrap(text string) string {
	if isQuoted(text) {
		return text[1 : len(text)-1]
	}
	return text
}

// unquote takes away quotes around a text without parts. The error continues a sentence that begins with the text: quotes elsewhere in
// it are mistakes.
func unquote(text string) (string, error) {
	text = unwrap(text)
	if strings.ContainsAny(text, quotes) {
		return "", errors.New("has a quote that is not one of a pair around it: leave it out, since no shell takes it away here, or write %27 for ' and %22 for \"")
	}
	return text, nil
}

// isQuoted says whether one pair of quotes is around the text.
func isQuoted(text string) bool {
	last := len(text) - 1
	return last > 0 && strings.IndexByte(quotes, text[0]) >= 0 && strings.IndexByte(text[1:], text[0]) == last-1
}
