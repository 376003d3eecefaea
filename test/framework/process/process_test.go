package process

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

var errNotYet = errors.New("not yet")

func never(context.Context) error { return errNotYet }

func TestProcessFailure(t *testing.T) {
	tests := []struct {
		name   string
		script string
		want   []string
	}{
		{"ends with an error", "echo the reason; exit 3", []string{"thing ended before it was ready: exit status 3", "thing.log:\nthe reason"}},
		{"ends without one", "echo bye", []string{"thing ended before it was ready: exit status 0", "\nbye"}},
		{"is never ready", "echo busy; exec sleep 600", []string{"thing is not ready: context deadline exceeded; last check: not", "\nbusy"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := shell(t, test.script)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			err := p.WaitReady(ctx, never)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error does not contain %q:\n%v", want, err)
				}
			}
		})
	}
}

func TestProcessStop(t *testing.T) {
	tests := []struct {
		name, script string
		signal       syscall.Signal
	}{
		{"one that obeys", "echo up; exec sleep 600", syscall.SIGTERM},
		{"one that refuses", "trap '' TERM; echo up; while :; do sleep 0.05; done", syscall.SIGKILL},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := shell(t, test.script)
			if err := p.WaitReady(t.Context(), written(p.log, "up")); err != nil {
				t.Fatal(err)
			}
			if err := p.Stop(200 * time.Millisecond); err != nil {
				t.Error(err)
			}
			if got := p.cmd.ProcessState.Sys().(syscall.WaitStatus).Signal(); got != test.signal {
				t.Errorf("ended by %s, want %s", got, test.signal)
			}
			if Alive(p.cmd.Process.Pid) {
				t.Error("still there")
			}
		})
	}
}

func TestProcessStopReportsAnEarlierEnd(t *testing.T) {
	p := shell(t, "exit 4")
	<-p.done
	var failed *Error
	if err := p.Stop(time.Second); !errors.As(err, &failed) || failed.What != "ended by itself" {
		t.Errorf("error: %v", err)
	}
}

// A test that is killed must not leave a control plane behind.
func TestProcessDiesWithItsParent(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux signals a child when its parent ends")
	}
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), parentDir+"="+t.TempDir())
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	child, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || !Alive(child) {
		t.Errorf("no child: %q", line)
	}
	_ = parent.Process.Kill()
	_ = parent.Wait()
	for deadline := time.Now().Add(5 * time.Second); Alive(child); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			_ = syscall.Kill(child, syscall.SIGKILL)
			t.Fatalf("child %d outlives its parent", child)
		}
	}
}

// shell launches a script that is gone when the test ends.
func shell(t *testing.T, script string) *Process {
	t.Helper()
	p, err := Start(Options{Name: "thing", Dir: t.TempDir(), Binary: "/bin/sh", Args: []string{"-c", script}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Stop(0) })
	return p
}

// written is ready as soon as a file holds a line.
func written(path, line string) func(context.Context) error {
	return func(context.Context) error {
		content, err := os.ReadFile(path)
		if err == nil && !strings.Contains(string(content), line) {
			err = errNotYet
		}
		return err
	}
}

func TestFreePortsAreDistinct(t *testing.T) {
	ports, err := FreePorts(50)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, port := range ports {
		seen[port] = true
	}
	if len(seen) != 50 || seen[0] {
		t.Errorf("got %d distinct ports of 50: %v", len(seen), ports)
	}
}
