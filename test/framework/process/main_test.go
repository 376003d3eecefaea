package process

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// parentDir, where it is set, makes this binary a parent that starts a child there, says its process id and then waits to
// be killed.
const parentDir = "PROCESS_TEST_PARENT_DIR"

// ownClock, where it is set, makes this binary a program that writes the seconds of its wall clock, and the milliseconds of its monotonic one, ten times
// a second.
const ownClock = "PROCESS_TEST_CLOCK"

func writeClock() {
	for begin := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		now := time.Now()
		fmt.Println(now.Unix(), now.Sub(begin).Milliseconds())
	}
}

func TestMain(m *testing.M) {
	if os.Getenv(ownClock) != "" {
		writeClock()
	}
	if dir := os.Getenv(parentDir); dir != "" {
		p, err := Start(Options{Name: "child", Dir: dir, Binary: "/bin/sleep", Args: []string{"600"}})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(p.PID())
		time.Sleep(10 * time.Minute)
		return
	}
	goleak.VerifyTestMain(m)
}
