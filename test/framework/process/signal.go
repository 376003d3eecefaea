package process

import (
	"fmt"
	"syscall"
)

// Suspend stops the program where it is (SIGSTOP): it keeps its memory and its connections, and does nothing until Resume.
func (p *Process) Suspend() error { return p.signal(syscall.SIGSTOP) }

// Resume continues a program that Suspend has stopped; it changes nothing in one that runs.
func (p *Process) Resume() error { return p.signal(syscall.SIGCONT) }

// Terminate requests that the program ends (SIGTERM), and does not wait for that. To Stop the end is no failure.
func (p *Process) Terminate() error {
	p.ending.Store(true)
	return p.signal(syscall.SIGTERM)
}

// Kill ends the program at once, as a crash does (SIGKILL), and returns when it has ended. To Stop that is no failure.
func (p *Process) Kill() error {
	p.ending.Store(true)
	if err := p.signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-p.done
	return nil
}

func (p *Process) signal(s syscall.Signal) error {
	if p.Ended() {
		return p.Err()
	}
	if err := p.cmd.Process.Signal(s); err != nil {
		return fmt.Errorf("send %s the signal %q: %w", p.name, s, err)
	}
	return nil
}
