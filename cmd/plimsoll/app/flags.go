package app

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"
)

// parseFlags sets every flag that args name and returns what is wrong with args: each unknown flag, each value that its flag does not accept, and the
// first argument that cannot be read at all. A flag keeps its value where it does not accept another one, so that Validate reports no consequences.
func parseFlags(fs *pflag.FlagSet, args []string) []error {
	errs := unreadable(fs, args)
	fs.ParseErrorsAllowlist.UnknownFlags = true
	_ = fs.ParseAll(args, func(f *pflag.Flag, value string) error { // It ends where unreadable does.
		if err := setFlag(fs, f, value); err != nil {
			errs = append(errs, err)
		}
		return nil
	})
	for _, arg := range fs.Args() {
		errs = append(errs, fmt.Errorf("%q is not a flag: a flag that is true or false takes its value after an equals sign, other flags may", arg))
	}
	return errs
}

// unreadable returns every error of the library's parser about args. The parser ends at an unknown flag: that is added to a copy of the flags, and the
// parser begins again.
func unreadable(fs *pflag.FlagSet, args []string) (errs []error) {
	known := pflag.NewFlagSet("", pflag.ContinueOnError)
	known.SetNormalizeFunc(fs.GetNormalizeFunc())
	known.AddFlagSet(fs)
	for {
		err := known.ParseAll(args, func(*pflag.Flag, string) error { return nil })
		if err == nil {
			return errs
		}
		errs = append(errs, err)
		var unknown *pflag.NotExistError
		if !errors.As(err, &unknown) {
			return errs
		}
		name, letter := unknown.GetSpecifiedName(), ""
		letters := unknown.GetSpecifiedShortnames()
		if letters != "" {
			name, letter = "="+letters[:1], letters[:1] // No argument has such a name.
		}
		known.StringP(name, letter, "", "")
		if len(letters) < 2 {
			known.Lookup(name).NoOptDefVal = "none" // Else the letters behind the first one are its value.
		}
	}
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
