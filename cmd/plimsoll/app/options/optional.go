package options

import "fmt"

// optional is the value of a flag whose default depends on something else. It implements pflag.Value.
type optional[T any] struct {
	target **T
	parse  func(string) (T, error)
	// kind is the kind of value in --help, format describes it in an error, and unset describes the default.
	kind, format, unset string
}

// String returns the value, or the description of the default.
func (o *optional[T]) String() string {
	if o.target == nil || *o.target == nil {
		return o.unset
	}
	return fmt.Sprint(**o.target)
}

// Set parses a value.
func (o *optional[T]) Set(s string) error {
	v, err := o.parse(s)
	if err != nil {
		return fmt.Errorf("parse %q as %s: %w", s, o.format, err)
	}
	*o.target = &v
	return nil
}

// Type is the kind of value in --help.
func (o *optional[T]) Type() string { return o.kind }
