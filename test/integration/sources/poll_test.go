package sources

import (
	"context"
	"fmt"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// eventually repeats a check until it returns nil, and fails the test with its last error if it does not in time.
func eventually(t *testing.T, limit time.Duration, check func(context.Context) error) {
	t.Helper()
	if err := within(t.Context(), limit, check); err != nil {
		t.Fatal(err)
	}
}

// within repeats a check until it returns nil. The error is the last one of the check.
func within(ctx context.Context, limit time.Duration, check func(context.Context) error) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, 200*time.Millisecond, limit, true, func(ctx context.Context) (bool, error) {
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

// throughout repeats a check for a while and fails the test as soon as it fails. It asks a witness each time, who takes long where the
// machine has too much to do, and tells the check how far behind that is.
func throughout(t *testing.T, span time.Duration, witness func(context.Context) error, check func(context.Context, time.Duration) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), span)
	defer cancel()
	p := &pace{}
	for ctx.Err() == nil {
		begin := time.Now()
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
		if err := witness(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.took(time.Since(begin))
		if err := check(t.Context(), p.behind()); err != nil {
			t.Fatalf("%v; the machine is %s behind", err, p.behind())
		}
	}
}
