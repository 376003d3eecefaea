//go:build linux

package realnode

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
)

// stageVariable passes to a program that RunIsolated started how far it is.
const stageVariable = "PLIMSOLL_REALNODE_STAGE"

const (
	stageInit   = "init"
	stageInside = "inside"
)

// Inside is true in a program that RunIsolated started, once its surroundings are ready.
func Inside() bool { return os.Getenv(stageVariable) == stageInside }

// RunIsolated runs this program again, with the same arguments and further variables, in new mount, network and process
// namespaces, and returns its exit code. Its first act has to be a call of Init. When it ends, by whatever cause, the kernel
// ends every process that it left behind, and with them go the mounts and the links. The end of ctx kills it.
func RunIsolated(ctx context.Context, variables ...string) (code int, err error) {
	cmd, err := again(ctx, stageInit, variables)
	if err != nil {
		return 1, err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID,
		Pdeathsig:  syscall.SIGKILL,
		// A terminal's interrupt comes to the caller alone, who ends ctx.
		Setpgid: true,
	}
	// Linux ends a child together with the thread that forked it, so this thread must live as long as the child.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return exitCode(cmd.Run())
}

// Init makes the surroundings of an isolated program. Where handled is true the caller exits with the code at once: its real
// work was done by the program that Init started.
func Init() (handled bool, code int, err error) {
	if os.Getenv(stageVariable) != stageInit {
		return false, 0, nil
	}
	if err := surroundings(); err != nil {
		return true, 1, err
	}
	cmd, err := again(context.Background(), stageInside, nil)
	if err != nil {
		return true, 1, err
	}
	if err := cmd.Start(); err != nil {
		return true, 1, fmt.Errorf("start the isolated program: %w", err)
	}
	return true, reap(cmd.Process.Pid), nil
}

// again is this program once more, at another stage.
func again(ctx context.Context, stage string, variables []string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program's own file: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, os.Args[1:]...)
	cmd.Env = append(append(os.Environ(), variables...), stageVariable+"="+stage)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd, nil
}

// surroundings gives the namespaces what every machine has: a /proc of its own, folders for state, and a loopback device.
func surroundings() error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("keep mounts to ourselves: %w", err)
	}
	if err := syscall.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	// Where the node's programs keep state whatever their flags are; containers' mounts below must not spread.
	for _, dir := range []string{"/run", "/var/lib", "/var/log"} {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=0755"); err != nil {
			return fmt.Errorf("mount a folder of our own at %s: %w", dir, err)
		}
	}
	return ip("link", "set", "lo", "up")
}

// reap collects the end of every process whose parent has gone, as the first process of a namespace must, until the one
// that matters ends. It returns that one's exit code.
func reap(pid int) int {
	for {
		var status syscall.WaitStatus
		ended, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return 1
		case ended == pid && status.Exited():
			return status.ExitStatus()
		case ended == pid:
			return 1
		}
	}
}

func exitCode(err error) (int, error) {
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 {
		return exit.ExitCode(), nil
	}
	if err != nil {
		return 1, fmt.Errorf("run in namespaces of its own: %w", err)
	}
	return 0, nil
}

// ip runs the ip program.
func ip(args ...string) error {
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}
