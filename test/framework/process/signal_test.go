package process

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

func TestSuspendedProcessDoesNothing(t *testing.T) {
	p := shell(t, "while :; do echo tick; sleep 0.01; done")
	if err := p.WaitReady(t.Context(), written(p.log, "tick")); err != nil {
		t.Fatal(err)
	}
	if err := p.Suspend(); err != nil {
		t.Fatal(err)
	}
	<-time.After(50 * time.Millisecond) // The signal takes effect a moment later.
	before := size(t, p)
	<-time.After(200 * time.Millisecond)
	if after := size(t, p); after != before {
		t.Errorf("it wrote %d bytes while it was suspended", after-before)
	}
	if err := p.Resume(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(5 * time.Second); size(t, p) == before; <-time.After(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not go on")
		}
	}
}

func size(t *testing.T, p *Process) int64 {
	t.Helper()
	info, err := os.Stat(p.log)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func TestKilledProcessStartsAgain(t *testing.T) {
	p := shell(t, "echo up; exec sleep 600")
	if err := p.WaitReady(t.Context(), written(p.log, "up")); err != nil {
		t.Fatal(err)
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := p.Stop(time.Second); err != nil {
		t.Errorf("Stop reports the end that was wanted: %v", err)
	}
	again, err := p.Again()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Stop(0) }()
	if err := again.WaitReady(t.Context(), written(p.log, "up\nup")); err != nil {
		t.Errorf("the log of the second process does not follow that of the first: %v", err)
	}
}

func TestSignalOfAProcessThatHasEnded(t *testing.T) {
	p := shell(t, "exit 4")
	<-p.done
	var failed *Error
	if err := p.Suspend(); !errors.As(err, &failed) {
		t.Errorf("error: %v", err)
	}
}

func TestClockIsSetForOneProcess(t *testing.T) {
	t.Setenv(ownClock, "1")
	p, err := Start(Options{Name: "clock", Dir: t.TempDir(), Binary: os.Args[0]})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Stop(0) }()
	if err := p.WaitReady(t.Context(), written(p.log, "\n")); err != nil {
		t.Fatal(err)
	}
	for _, ahead := range []time.Duration{time.Hour, -time.Hour, 0} {
		if err := p.SetClock(ahead); errors.Is(err, errors.ErrUnsupported) {
			t.Skip(err)
		} else if err != nil {
			t.Fatal(err)
		}
		<-time.After(500 * time.Millisecond)
		wall, monotonic := lastClock(t, p)
		if got := time.Until(wall).Round(time.Minute); got != ahead {
			t.Errorf("its clock is ahead by %s, want %s", got, ahead)
		}
		if monotonic < 0 || monotonic > time.Minute {
			t.Errorf("its monotonic clock has stepped to %s", monotonic)
		}
	}
}

// lastClock is the last line that the program wrote.
func lastClock(t *testing.T, p *Process) (wall time.Time, monotonic time.Duration) {
	t.Helper()
	text, err := os.ReadFile(p.log)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	var seconds, milliseconds int64
	if _, err := fmt.Sscan(lines[len(lines)-1], &seconds, &milliseconds); err != nil {
		t.Fatal(err)
	}
	return time.Unix(seconds, 0), time.Duration(milliseconds) * time.Millisecond
}
