package clients

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/poll"
	"github.com/plimsoll/plimsoll/test/framework/process"
)

// terminal is a terminal without a screen, in which one program runs. It is a server of tmux with a socket of its own.
type terminal struct {
	tmux, socket string
	server       *process.Process
	// program is the process id of the program.
	program int
}

// newTerminal runs a command in a terminal for the time of a test, with further variables of the environment. At the end the server of tmux and the
// program have ended. Without tmux the test does not run, and says so.
func newTerminal(t *testing.T, environment []string, command ...string) *terminal {
	t.Helper()
	tmux, err := exec.LookPath("tmux")
	if err != nil {
		t.Skip("NOT RUN: tmux is missing; it is in Debian's package of that name")
	}
	dir := t.TempDir()
	x := &terminal{tmux: tmux, socket: filepath.Join(dir, "tmux")}
	x.server, err = process.Start(process.Options{Name: "tmux", Dir: dir, Binary: tmux, Args: []string{"-S", x.socket, "-f", "/dev/null", "-D"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.stop(t) })
	args := []string{"new-session", "-d", "-P", "-F", "#{pane_pid}", "-x", "240", "-y", "100"}
	for _, variable := range environment {
		args = append(args, "-e", variable)
	}
	poll.Eventually(t, 10*time.Second, func(ctx context.Context) error {
		out, err := x.run(ctx, slices.Concat(args, []string{"--"}, command)...)
		if err == nil {
			x.program, err = strconv.Atoi(strings.TrimSpace(out))
		}
		return err
	})
	return x
}

// run runs a command of tmux. It starts no server of its own where the one of newTerminal does not listen yet.
func (x *terminal) run(ctx context.Context, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, x.tmux, append([]string{"-N", "-S", x.socket}, args...)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("tmux %s: %w: %s", args[0], err, out)
	}
	return string(out), nil
}

// screen is what the program shows.
func (x *terminal) screen(ctx context.Context) (string, error) {
	return x.run(ctx, "capture-pane", "-p", "-t", "0")
}

// enter types a text and the Enter key.
func (x *terminal) enter(t *testing.T, text string) {
	t.Helper()
	for _, args := range [][]string{{"send-keys", "-l", text}, {"send-keys", "Enter"}} {
		if _, err := x.run(t.Context(), args...); err != nil {
			t.Fatal(err)
		}
	}
}

// stop ends the server of tmux, and with it the program, whose terminal is gone then.
func (x *terminal) stop(t *testing.T) {
	if err := x.server.Stop(10 * time.Second); err != nil {
		t.Error(err)
	}
	err := poll.Within(context.WithoutCancel(t.Context()), 10*time.Second, func(context.Context) error {
		for _, pid := range []int{x.server.PID(), x.program} {
			if pid != 0 && process.Alive(pid) {
				return fmt.Errorf("process %d still runs", pid)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
