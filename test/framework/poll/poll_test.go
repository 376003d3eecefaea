package poll

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWithin(t *testing.T) {
	notYet := errors.New("not yet")
	tests := []struct {
		name  string
		after time.Duration
		want  string
	}{
		{"at once", 0, ""},
		{"later", time.Second, ""},
		{"too late", time.Minute, "not within 10s: not yet"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				err := Within(t.Context(), 10*time.Second, func(context.Context) error {
					if time.Since(begin) < tt.after {
						return notYet
					}
					return nil
				})
				if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %q", err, tt.want)
				}
			})
		})
	}
}

// A check that ends because the time is over must not hide what the check before it found.
func TestWithinKeepsTheLastCompleteCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		found, checks := errors.New("two of three"), 0
		err := Within(t.Context(), time.Second, func(ctx context.Context) error {
			if checks++; checks == 1 {
				return found
			}
			<-ctx.Done()
			return ctx.Err()
		})
		if !errors.Is(err, found) {
			t.Errorf("got %v, want %v", err, found)
		}
	})
}

func TestThroughoutGoesOnForTheSpan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin, checks := time.Now(), 0
		Throughout(t, 3*time.Second, func(context.Context) error { checks++; return nil })
		if span := time.Since(begin); span != 3*time.Second || checks < 10 {
			t.Errorf("%d checks in %s", checks, span)
		}
	})
}
