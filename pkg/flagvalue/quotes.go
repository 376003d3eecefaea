package flagvalue

import (
	"errors"
	"slices"
	"strings"
)

const quotes = `'"`

// unwrap removes one pair of quotes around a text that has parts. Quotes that belong to the parts stay.
func unwrap(text string) string {
	last := len(text) - 1
	if last > 0 && strings.IndexByte(quotes, text[0]) >= 0 && strings.IndexByte(text[1:], text[0]) == last-1 {
		return text[1:last]
	}
	return text
}

// unquote removes the quotes around the value of an option.
func (l *Language) unquote(option, value string) (string, error) {
	if slices.Contains(l.quoted, option) {
		return unwrap(value), nil
	}
	return Unquote(value)
}

// Unquote removes one pair of quotes around a text without parts. Quotes elsewhere are an error, which continues a sentence that begins with the text.
func Unquote(text string) (string, error) {
	text = unwrap(text)
	if strings.ContainsAny(text, quotes) {
		return "", errors.New("has a quote that is not one of a pair around it: leave it out, since no shell takes it away here, or write %27 for ' and %22 for \"")
	}
	return text, nil
}
