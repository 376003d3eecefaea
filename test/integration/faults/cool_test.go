package faults

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/poll"
	"github.com/plimsoll/plimsoll/test/framework/process"
)

// cooling is how long an attack waits at most until the process has given back the memory of the attack before.
const cooling = 10 * time.Second

// cool waits until the process has about as much resident memory as before the first attack, because what it has when an attack begins is part of the peak in the
// attack's row. The result is how much is resident, in bytes.
func cool(t *testing.T) (resident uint64) {
	t.Helper()
	err := poll.Within(t.Context(), cooling, func(context.Context) error {
		m, err := process.MemoryOf(env.Server.PID())
		if resident = m.Resident; err == nil && !isCool(resident) {
			err = fmt.Errorf("%d MiB are resident, before the first attack at most %d were", resident>>20, calm.Process.Peak>>20)
		}
		return err
	})
	if err != nil {
		t.Logf("the peak includes some of the attack before: %v", err)
	}
	return resident
}

// isCool is true for as much memory as changes the peak of an attack by 5 % at most.
func isCool(resident uint64) bool { return resident <= calm.Process.Peak/20*21 }
