package clients

import (
	"os"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/process"
)

// stopAtEnd ends a program after a test, by its process id, and proves that it has ended. The log of a test that failed is printed.
func stopAtEnd(t *testing.T, p *process.Process) {
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the log of %s:\n%s", p.Name(), logOf(p))
		}
		if err := p.Stop(20 * time.Second); err != nil {
			t.Error(err)
		}
		if process.Alive(p.PID()) {
			t.Errorf("%s still runs as process %d", p.Name(), p.PID())
		}
	})
}

// logOf is what a program has written.
func logOf(p *process.Process) string {
	text, err := os.ReadFile(p.Log())
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-16<<10):])
}
