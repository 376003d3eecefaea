// Package poll repeats the checks of tests that watch other processes, whose state changes when it does: until a check holds, or for as long as it
// has to go on holding.
package poll

import (
	"context"
	"fmt"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// interval is the time between two checks.
const interval = 200 * time.Millisecond

// Within repeats a check until it returns nil, for limit at the longest. The error is that of the last check which ran to its end.
func Within(ctx context.Context, limit time.Duration, check func(context.Context) error) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, interval, limit, true, func(ctx context.Context) (bool, error) {
		err := check(ctx)
		// A check that was cut short by the end of the time says nothing.
		if ctx.Err() == nil {
			last = err
		}
		return err == nil, nil
	})
	if err != nil {
		return fmt.Errorf("not within %s: %w", limit, last)
	}
	return nil
}

// Eventually is Within that fails the test.
func Eventually(tb testing.TB, limit time.Duration, check func(context.Context) error) {
	tb.Helper()
	if err := Within(tb.Context(), limit, check); err != nil {
		tb.Fatal(err)
	}
}

// Throughout repeats a check for span, and fails the test as soon as the check fails.
func Throughout(tb testing.TB, span time.Duration, check func(context.Context) error) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), span)
	defer cancel()
	for ctx.Err() == nil {
		// The context of the test, since a check that the end of the span cuts short would fail.
		if err := check(tb.Context()); err != nil {
			tb.Fatal(err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(interval):
		}
	}
}
