package engines

import (
	"context"
	"errors"
	"testing"
)

// Started starts an engine for the time of a test. Where the engine's program is missing the test does not run, and says so.
func Started[E interface{ Stop() error }](tb testing.TB, start func(context.Context) (E, error)) E {
	tb.Helper()
	e, err := start(tb.Context())
	if errors.Is(err, ErrMissing) {
		tb.Skipf("NOT RUN: %v", err)
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := e.Stop(); err != nil {
			tb.Error(err)
		}
	})
	return e
}
