package app

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// parse sets the flags that args name and returns every mistake. What cannot be read is left out, so that the rest still is.
// Values are tried on trial first, which has the same flags and is of no use afterwards: a flag may lose its value to a bad one.
func parse(fs, trial *pflag.FlagSet, args []string) []error {
	args, errs := readable(fs, args)
	set := func(f *pflag.Flag, value string) error {
		if err := trial.Set(f.Name, value); err != nil {
			errs = append(errs, err)
			return nil
		}
		return fs.Set(f.Name, value)
	}
	if err := fs.ParseAll(args, set); err != nil {
		errs = append(errs, err)
	}
	for _, arg := range fs.Args() {
		errs = append(errs, fmt.Errorf("%q is not a flag: a flag that is on or off takes its value after an equals sign, others may", arg))
	}
	return errs
}

// readable is the part of args whose flags exist and have a value where they need one, and what is wrong with the rest.
func readable(fs *pflag.FlagSet, args []string) ([]string, []error) {
	var errs []error
	for n := 1; n <= len(args); {
		err := fs.ParseAll(args[:n], ignore)
		if err == nil || n < len(args) && incomplete(err) {
			n++
			continue
		}
		errs = append(errs, err)
		args = slices.Delete(slices.Clone(args), n-1, n-1+taken(args[n-1:]))
	}
	return args, errs
}

func ignore(*pflag.Flag, string) error { return nil }

// incomplete is an error that the next argument may cure.
func incomplete(err error) bool {
	var e *pflag.ValueRequiredError
	return errors.As(err, &e)
}

// taken is how many of args belong to the first, which is no known flag: the next one is its value if it may be one.
func taken(args []string) int {
	if len(args) > 1 && !strings.Contains(args[0], "=") && !strings.HasPrefix(args[1], "-") {
		return 2
	}
	return 1
}
