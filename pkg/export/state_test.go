package export

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/excerpt"
)

// TestChangesAreLoggedOnceAMinute has a sink's results be reported at these seconds.
func TestChangesAreLoggedOnceAMinute(t *testing.T) {
	refused := func(port int) error { return fmt.Errorf("dial tcp 127.0.0.1:%d: connection refused", port) }
	denied := errors.New("status 401")
	var s state
	for _, step := range []struct {
		second int
		result error
		logged bool
	}{
		{0, nil, false},
		{1, refused(1), true},
		{2, refused(2), false}, // Only digits differ.
		{90, refused(3), false},
		{100, denied, true},
		{110, nil, false}, // Too soon: it may fail again.
		{120, denied, false},
		{130, nil, false},
		{161, nil, true},
		{162, nil, false},
		{170, denied, false},
		{221, denied, true},
		{240, refused(4), false},
		{282, refused(5), true},
	} {
		if logged := s.report(step.result, time.Unix(int64(step.second), 0)); logged != step.logged {
			t.Errorf("at %d s the result %v is logged: %v, want %v", step.second, step.result, logged, step.logged)
		}
	}
	if c, failure, at := s.copy(); c.failures != 9 || failure != refused(5).Error() || at.Unix() != 282 {
		t.Errorf("%d failures, the last %q at %v", c.failures, failure, at)
	}
}

// TestMoreRejectedThanSent is what a system can claim.
func TestMoreRejectedThanSent(t *testing.T) {
	var s state
	s.send(3, 5)
	if c, _, _ := s.copy(); c.sent != 0 || c.rejected != 3 {
		t.Errorf("sent %d, rejected %d", c.sent, c.rejected)
	}
}

// TestErrorIsShortened has a sender return an error with everything that a system said.
func TestErrorIsShortened(t *testing.T) {
	var s state
	s.report(errors.New("\x1b[31m"+strings.Repeat("x", 1<<20)), time.Unix(1, 0))
	if _, failure, _ := s.copy(); len(failure) != excerpt.MaxBytes || failure[0] == '\x1b' || len(s.logged) > excerpt.MaxBytes {
		t.Errorf("the error has %d bytes: %.50q", len(failure), failure)
	}
}
