package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/process"
)

const (
	loopback  = "127.0.0.1"
	stopGrace = 20 * time.Second
	// readyWithin is how long a program may take until it is ready.
	readyWithin = time.Minute
	// attempts bounds how often a program is started again because another program took its port.
	attempts = 3
)

// listening is a program that listens on loopback, at a port that it is given.
type listening struct {
	name, binary string
	args         func(port int) []string
	// waitReady polls with the process's own WaitReady.
	waitReady func(ctx context.Context, p *process.Process, port int) error
}

// listen starts a program at a free port and returns when it is ready. The caller stops it.
func (c *Cluster) listen(ctx context.Context, l listening) (p *process.Process, port int, err error) {
	for range attempts {
		if port, err = process.FreePort(); err != nil {
			return nil, 0, err
		}
		p, err = c.try(ctx, l, port)
		var failed *process.Error
		if err == nil || !errors.As(err, &failed) || !failed.PortTaken() {
			break
		}
	}
	return p, port, err
}

// try starts a program once. A program that does not become ready has ended when try returns.
func (c *Cluster) try(ctx context.Context, l listening, port int) (*process.Process, error) {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	p, err := process.Start(process.Options{
		Name: fmt.Sprintf("%s-%d", l.name, port), Dir: c.options.Dir, Binary: l.binary, Args: l.args(port),
	})
	if err != nil {
		return nil, err
	}
	start := time.Now()
	if err := l.waitReady(ctx, p, port); err != nil {
		_ = p.Stop(stopGrace) // It can only repeat the failure that is returned.
		return nil, err
	}
	fmt.Fprintf(c.options.Log, "%s is ready after %s\n", l.name, time.Since(start).Round(100*time.Millisecond))
	return p, nil
}
