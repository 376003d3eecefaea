package app

import (
	"fmt"

	"github.com/spf13/pflag"
)

// parseFlags sets every flag that args name and returns what is wrong with args: each value that its flag does not accept, and the first argument that
// the library's parser cannot read. A flag keeps its value where it does not accept another one, so that Validate reports no consequences.
func parseFlags(fs *pflag.FlagSet, args []string) []error {
	var errs []error
	unreadable := fs.ParseAll(args, func(*pflag.Flag, string) error { return nil })
	if unreadable != nil {
		errs = append(errs, unreadable)
	}
	// The first unknown flag has been reported. The second pass reads on behind it.
	fs.ParseErrorsAllowlist.UnknownFlags = true
	err := fs.ParseAll(args, func(f *pflag.Flag, value string) error {
		if err := setFlag(fs, f, value); err != nil {
			errs = append(errs, err)
		}
		return nil
	})
	if err != nil && (unreadable == nil || err.Error() != unreadable.Error()) {
		errs = append(errs, err)
	}
	for _, arg := range fs.Args() {
		errs = append(errs, fmt.Errorf("%q is not a flag: a flag that is true or false takes its value after an equals sign, other flags may", arg))
	}
	return errs
}

// setFlag sets the flag, or leaves the value as it was. The library sets a number, a duration or a bool to zero where it does not accept the value.
func setFlag(fs *pflag.FlagSet, f *pflag.Flag, value string) error {
	before := f.Value.String()
	err := fs.Set(f.Name, value)
	switch f.Value.Type() {
	case "bool", "duration", "float32", "float64", "int", "int32", "uint32":
		if err != nil {
			_ = f.Value.Set(before) // The same flag has printed it.
		}
	}
	return err
}
