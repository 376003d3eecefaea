package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"syscall"
	"time"
)

// Process is one running program. It alone signals and reaps it.
type Process struct {
	name string
	// log is the path of the file that takes both output streams.
	log string
	cmd *exec.Cmd
	// done is closed when the program has ended and is reaped; err may be read then.
	done chan struct{}
	err  error
	// ending is set where Kill or Terminate is to end the program.
	ending atomic.Bool
}

// Options of a process. All of them are needed but Args.
type Options struct {
	// Name is the program's in messages and begins the name of its log.
	Name string
	// Dir is where it runs and where its log is written.
	Dir string
	// Binary is the path of the program.
	Binary string
	Args   []string
}

// Start starts a program; it returns once the program runs, ready or not. The caller owns it until Stop.
func Start(o Options) (*Process, error) { return start(o, os.O_TRUNC) }

// Again starts the program of a process that has ended once more, with the same arguments. Its log goes on in the same file. The caller owns the new
// process until Stop.
func (p *Process) Again() (*Process, error) {
	return start(Options{Name: p.name, Dir: p.cmd.Dir, Binary: p.cmd.Path, Args: slices.Clone(p.cmd.Args[1:])}, os.O_APPEND)
}

// start starts a program whose log is opened with a flag.
func start(o Options, logFlag int) (*Process, error) {
	p := &Process{name: o.Name, log: filepath.Join(o.Dir, o.Name+".log"), done: make(chan struct{})}
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|logFlag, 0o666)
	if err != nil {
		return nil, fmt.Errorf("making the log of %s: %w", o.Name, err)
	}
	p.cmd = exec.Command(o.Binary, o.Args...)
	p.cmd.Dir = o.Dir
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.SysProcAttr = childAttributes()
	started := make(chan error)
	go func() {
		defer out.Close()
		// Linux ends a child together with the thread that forked it, so this thread must live as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", o.Name, err)
	}
	return p, nil
}

// Stop sends the program a signal to end, and kills it after the grace.
func (p *Process) Stop(grace time.Duration) error {
	select {
	case <-p.done:
		if p.ending.Load() {
			return nil
		}
		return p.Err()
	default:
	}
	// An error means that the program has just ended, which the wait below sees as well.
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
		_ = p.cmd.Process.Kill()
		<-p.done
	}
	return nil
}

// WaitReady polls check until it succeeds. It gives up when ctx ends or the program does.
func (p *Process) WaitReady(ctx context.Context, check func(context.Context) error) error {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	last := errors.New("not checked yet")
	for {
		select {
		case <-p.done:
			return p.failure("ended before it was ready", p.exit())
		case <-ctx.Done():
			return p.failure("is not ready", fmt.Errorf("%w; last check: %w", context.Cause(ctx), last))
		case <-ticker.C:
			if last = check(ctx); last == nil {
				return nil
			}
		}
	}
}

// exit is how a program that is done has ended.
func (p *Process) exit() error {
	if p.err == nil {
		return errors.New("exit status 0")
	}
	return p.err
}

// Done is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Ended is true once the program has ended.
func (p *Process) Ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Err is the result of a program that has ended by itself.
func (p *Process) Err() error { return p.failure("ended by itself", p.exit()) }

// Name is the program's in messages.
func (p *Process) Name() string { return p.name }

// PID is the program's process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Log is the path of all that the program wrote.
func (p *Process) Log() string { return p.log }
