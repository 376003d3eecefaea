package doctor

import (
	"errors"
	"testing"
	"time"
)

// TestClockOfTheServer sets the clock of Plimsoll's process.
func TestClockOfTheServer(t *testing.T) {
	awaitHealthy(t)
	if err := env.Server.SetClock(-45 * time.Second); errors.Is(err, errors.ErrUnsupported) {
		t.Skip("clocks of single processes cannot be set here")
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := env.Server.SetClock(0); err != nil {
			t.Error(err)
		}
		awaitHealthy(t)
	})
	awaitFinding(t, "PLM-CLOCK-SERVER", "service/plimsoll-system/plimsoll", "PLM-NODE-CLOCK", "PLM-NODE-STALE")
}
