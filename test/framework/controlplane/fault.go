package controlplane

import (
	"context"
	"fmt"
	"slices"

	"github.com/plimsoll/plimsoll/test/framework/parts"
	"github.com/plimsoll/plimsoll/test/framework/process"
)

// Process is the process of a part, which the control plane owns. It may be suspended, and has to be resumed.
func (c *ControlPlane) Process(part parts.Part) (*process.Process, error) {
	p, err := c.started(part)
	if err != nil {
		return nil, err
	}
	return p.Process, nil
}

// Kill ends a part at once, as a crash does. The other parts go on without it until Restart.
func (c *ControlPlane) Kill(part parts.Part) error {
	p, err := c.started(part)
	if err != nil {
		return err
	}
	return p.Kill()
}

// Restart starts a part that has ended again, with the arguments and the ports that it had, and returns when it is ready.
func (c *ControlPlane) Restart(ctx context.Context, part parts.Part) error {
	p, err := c.started(part)
	if err != nil {
		return err
	}
	again, err := p.Again()
	if err != nil {
		return err
	}
	p.Process = again
	ctx, cancel := context.WithTimeout(ctx, c.options.StartTimeout)
	defer cancel()
	return again.WaitReady(ctx, p.program.ready(p.ports))
}

func (c *ControlPlane) started(part parts.Part) (*started, error) {
	i := slices.IndexFunc(c.processes, func(s started) bool { return s.program.part == part })
	if i < 0 {
		return nil, fmt.Errorf("the control plane has not started %s", part)
	}
	return &c.processes[i], nil
}
