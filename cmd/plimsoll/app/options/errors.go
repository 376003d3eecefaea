package options

import "fmt"

// errorList collects errors, so that all of them can be reported at once.
type errorList []error

// check adds an error unless ok. The format must not contain %w.
func (l *errorList) check(ok bool, format string, args ...any) {
	if !ok {
		l.addf(format, args...)
	}
}

func (l *errorList) addf(format string, args ...any) {
	*l = append(*l, fmt.Errorf(format, args...))
}

// add adds an error unless it is nil.
func (l *errorList) add(err error) {
	if err != nil {
		*l = append(*l, err)
	}
}
