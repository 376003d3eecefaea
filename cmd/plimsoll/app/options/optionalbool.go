package options

import (
	"fmt"
	"strconv"
)

// optionalBool is the value of a boolean flag whose default depends on the name of the program. It implements pflag.Value.
type optionalBool struct {
	target **bool
	// unset describes the default in --help.
	unset string
}

// String returns true or false, or the description of the default.
func (b *optionalBool) String() string {
	if b.target == nil || *b.target == nil {
		return b.unset
	}
	return strconv.FormatBool(**b.target)
}

// Set parses what strconv.ParseBool accepts.
func (b *optionalBool) Set(s string) error {
	v, err := strconv.ParseBool(s)
	if err != nil {
		return fmt.Errorf("parse %q as true or false: %w", s, err)
	}
	*b.target = &v
	return nil
}

// Type is the kind of value in --help.
func (b *optionalBool) Type() string { return "bool" }
