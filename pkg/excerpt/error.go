package excerpt

// Error returns an error that wraps err and whose text is an excerpt of its text; nil for nil.
func Error(err error) error {
	if err == nil {
		return nil
	}
	return &excerptError{err}
}

type excerptError struct{ err error }

func (e *excerptError) Error() string { return Of(e.err.Error()) }

func (e *excerptError) Unwrap() error { return e.err }
