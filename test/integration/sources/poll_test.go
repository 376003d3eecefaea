package sources

import (
	"context"
	"testing"
	"time"
)

// throughout repeats a check for a while and fails the test as soon as it fails. It reads from a witness each time, which takes long where the
// machine has too much to do, and passes to the check how far behind that is.
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
