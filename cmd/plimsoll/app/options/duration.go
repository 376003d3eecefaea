package options

import (
	"fmt"
	"time"
)

// optionalDuration is the value of a flag whose default depends on another flag. It implements pflag.Value.
type optionalDuration struct {
	target **time.Duration
	// unset describes the default in --help.
	unset string
}

// String returns the duration, or the description of the default.
func (d *optionalDuration) String() string {
	if d.target == nil || *d.target == nil {
		return d.unset
	}
	return (*d.target).String()
}

// Set parses a duration such as 90s.
func (d *optionalDuration) Set(s string) error {
	v, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("parse %q as a duration such as 90s: %w", s, err)
	}
	*d.target = &v
	return nil
}

// Type is the kind of value in --help.
func (d *optionalDuration) Type() string { return "duration" }
